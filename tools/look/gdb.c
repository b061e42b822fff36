/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GDB's remote protocol, as QEMU's stub speaks it, in its mode for physical memory. Of all packets only those are sent
 * that read: `m`, and queries; and `D`, after which the machine goes on that stood still for the connection.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"

#define PACKET_SIZE 8192U
#define READ_MAX 1024U /* QEMU's packets have 4096 characters. */
#define TRIES_MAX 64U  /* Acknowledgements, notifications and what else comes before an answer. */

struct gdb {
	struct connection connection;
	bool stay_halted;
	bool acknowledges;
	char packet[PACKET_SIZE];
};

static unsigned int sum_of(const char *text)
{
	unsigned int sum = 0;

	while (*text) {
		sum += (unsigned char)*text++;
	}
	return sum & 0xff;
}

static bool gdb_send(struct target *target, const char *text)
{
	struct gdb *gdb = target->context;
	char packet[256];
	int length = snprintf(packet, sizeof(packet), "$%s#%02x", text, sum_of(text));

	return connection_send(&gdb->connection, target, packet, (size_t)length);
}

/* What stands between '$' and '#', into gdb->packet. */
static bool take_packet(struct target *target, int c)
{
	struct gdb *gdb = target->context;
	size_t used = 0;

	while (c >= 0 && c != '$') {
		c = connection_take(&gdb->connection, target);
	}
	while (c >= 0 && (c = connection_take(&gdb->connection, target)) >= 0 && c != '#') {
		if (used + 1 == sizeof(gdb->packet)) {
			target->is_lost = true;
			return target_fail(target, "%s: a packet without an end: is this a GDB stub?", target->place);
		}
		gdb->packet[used++] = (char)c;
	}
	gdb->packet[used] = '\0';
	for (unsigned int i = 0; i < 2 && c >= 0; i++) {
		c = connection_take(&gdb->connection, target);
	}
	return c >= 0 && (!gdb->acknowledges || connection_send(&gdb->connection, target, "+", 1));
}

static bool is_stop(const char *packet)
{
	return packet[0] == 'T' || packet[0] == 'S';
}

/* Asks; the answer is in gdb->packet. A stop that is reported meanwhile is passed over. */
static bool ask(struct target *target, const char *text)
{
	struct gdb *gdb = target->context;

	if (target->is_lost || !gdb_send(target, text)) {
		return false;
	}
	for (unsigned int i = 0; i < TRIES_MAX; i++) {
		int c = connection_take(&gdb->connection, target);

		if (c < 0) {
			return false;
		}
		if (c == '+') {
			continue;
		}
		if (c == '-') {
			return target_fail(target, "%s: the stub refuses a packet", target->place);
		}
		if (!take_packet(target, c)) {
			return false;
		}
		if (!is_stop(gdb->packet)) {
			return true;
		}
	}
	return target_fail(target, "%s: no answer among what came", target->place);
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Exactly `size` bytes in hex. */
static bool take_hex(struct target *target, uint8_t *bytes, size_t size)
{
	const struct gdb *gdb = target->context;
	const char *hex = gdb->packet;

	if (hex[0] == 'E') {
		return target_fail(target, "the stub answers with error %s", hex + 1);
	}
	for (size_t i = 0; i < size; i++) {
		int high = digit_of(hex[2 * i]), low = high < 0 ? -1 : digit_of(hex[2 * i + 1]);

		if (low < 0) {
			return target_fail(target, "the stub answers %zu of %zu bytes", i, size);
		}
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return !hex[2 * size] || target_fail(target, "the stub answers more than was asked for");
}

static bool gdb_read(struct target *target, uint64_t address, void *bytes, size_t size)
{
	char request[64];
	size_t done = 0;

	while (done < size) {
		size_t count = size - done < READ_MAX ? size - done : READ_MAX;

		(void)snprintf(request, sizeof(request), "m%llx,%zx", (unsigned long long)(address + done), count);
		if (!ask(target, request) || !take_hex(target, (uint8_t *)bytes + done, count)) {
			return false;
		}
		done += count;
	}
	return true;
}

static void gdb_close(struct target *target)
{
	struct gdb *gdb = target->context;

	if (gdb->connection.socket >= 0 && !target->is_lost) {
		(void)ask(target, "Qqemu.PhyMemMode:0");
		if (!gdb->stay_halted) {
			(void)ask(target, "D");
		}
	}
	connection_close(&gdb->connection);
	free(gdb);
}

/* Without it addresses are virtual, as the core has them. */
static bool choose_physical(struct target *target)
{
	struct gdb *gdb = target->context;

	if (!ask(target, "Qqemu.PhyMemMode:1")) {
		return false;
	}
	return !strcmp(gdb->packet, "OK") ||
	       target_fail(target,
			   "%s: the stub has no mode for physical memory (it is not QEMU's): use --openocd, or smmu "
			   "within GDB",
			   target->place);
}

bool target_open_gdb(struct target *target, const char *place, unsigned int timeout_s, bool stay_halted)
{
	struct gdb *gdb = calloc(1, sizeof(*gdb));

	*target = (struct target){.kind = "gdb", .place = place, .context = gdb, .read = gdb_read, .close = gdb_close};
	if (!gdb) {
		return target_fail(target, "no memory");
	}
	gdb->stay_halted = stay_halted;
	gdb->acknowledges = true;
	if (!connection_open(&gdb->connection, target, place, timeout_s) || !ask(target, "qSupported") ||
	    !choose_physical(target)) {
		gdb->stay_halted |= target->is_lost;
		gdb_close(target);
		return false;
	}
	return true;
}
