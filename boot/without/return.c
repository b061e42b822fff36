/* SPDX-License-Identifier: BSD-2-Clause */
/* Without a return: exit=return turns the machine off. */
#include <stddef.h>

#include "machine.h"
#include "report/print.h"

void machine_check_return(struct machine *machine)
{
	static const char words[] = "exit=return: this build has no way back, and turns the machine off\n";

	if (machine->options.exit == EXIT_RETURN) {
		print_bytes(words, sizeof(words) - 1);
		machine->options.exit = EXIT_OFF;
	}
}

void machine_note_pci(struct machine *machine, struct pci_host *host)
{
	(void)machine;
	(void)host;
}

void machine_keep_smmu(const struct machine *machine, struct smmuv3 *smmu)
{
	(void)machine;
	(void)smmu;
}

const char *machine_put_back(struct machine *machine)
{
	(void)machine;
	return NULL;
}
