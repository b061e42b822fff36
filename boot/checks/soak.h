/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CHECKS_SOAK_H
#define CHECKS_SOAK_H

#include "base/feature.h"
#include "checks/checks.h"
#include "report/record.h"

#define SOAK_SECONDS_MAX 86400U
#define SOAK_SETTLE_US 10000000U

/*
 * For soak=: registers instances again for `seconds` (1 to SOAK_SECONDS_MAX), while the other cores bind and unbind
 * clients; then binds all as before. A violation fails the run. Boot core, after observe(), nothing mapped.
 */
void soak_run(struct bringup *bringup, uint32_t seconds);

/* Something that the soak also does, which registers itself by being linked. */
struct soak_step {
	/* Again and again, with a client of the soak. Any core but one that registers; several at once. Bounded. */
	void (*work)(struct bringup *bringup, struct master *master, uint32_t *random);
	/* Adds its counts to the record. Boot core, afterwards. */
	void (*record)(struct record *record);
};

/* At the end of its file. */
#define SOAK_STEP(name, ...)                                                                                           \
	extern const struct soak_step name##_step;                                                                     \
	const struct soak_step name##_step LISTED("soak_steps") = {__VA_ARGS__}

/* --- For steps. Any core. --- */

/* False: the soak ends, and waits for this core, SOAK_SETTLE_US at most. */
bool soak_goes_on(void);
uint32_t soak_below(uint32_t *random, uint32_t bound);
/* Counts it; prints the first ones. */
void soak_violation(const char *name, const char *what);

/*
 * The soak's driver of each client: binding moves bytes, and leaves nothing mapped.
 *
 * Return:      0          bound, also after a violation
 *              -errno     as master_bind()
 * Context:     any core, as driver.bind().
 */
int soak_bind(struct device *device, const struct driver *driver);
void soak_unbind(struct device *device);
extern const struct driver soak_driver;

#endif
