/* SPDX-License-Identifier: BSD-2-Clause */
/* A TCP connection, or a Unix socket, whose waits are bounded. */
#ifndef LOOK_CONNECTION_H
#define LOOK_CONNECTION_H

#include "target.h"

struct connection {
	int socket;
	unsigned int timeout_s;
	char *received;
	size_t used; /* Of `received`. */
	size_t at;   /* The first byte that was not taken. */
};

/* "HOST:PORT", or a path that begins with '/' or '.'. False: `why`. */
bool connection_open(struct connection *connection, struct target *target, const char *place, unsigned int timeout_s);
void connection_close(struct connection *connection);

bool connection_send(struct connection *connection, struct target *target, const char *bytes, size_t size);

/* The next byte, or -1 with `why`: none came in time, or the other side has closed. */
int connection_take(struct connection *connection, struct target *target);

#endif
