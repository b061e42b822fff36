/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagram.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Escapes for Graphviz's quotes. */
static void put_text(FILE *file, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\') {
			(void)fputc('\\', file);
			(void)fputc(c, file);
		} else if (c < 0x80 && isprint(c)) {
			(void)fputc(c, file);
		} else {
			(void)fprintf(file, "\\\\x%02x", c);
		}
	}
}

static void put_quoted(FILE *file, const char *text)
{
	(void)fputc('"', file);
	put_text(file, text);
	(void)fputc('"', file);
}

static void put_instance(FILE *file, const struct smmu_description *smmu, unsigned int number)
{
	(void)fprintf(file, "  smmu%u [shape=box3d, style=\"%s\", label=\"", number, smmu->enabled ? "" : "dashed");
	put_text(file, smmu->name);
	if (smmu->has_base) {
		(void)fprintf(file, "\\n0x%" PRIx64, smmu->base);
	} else {
		(void)fprintf(file, "\\nno address");
	}
	(void)fprintf(file, "%s%s\"];\n", smmu->coherent ? "" : "\\nnot coherent", smmu->enabled ? "" : "\\ndisabled");
}

static void put_edge(FILE *file, const char *master, unsigned int smmu, bool enabled)
{
	(void)fprintf(file, "  ");
	put_quoted(file, master);
	(void)fprintf(file, " -> smmu%u [style=%s, label=\"", smmu, enabled ? "solid" : "dashed");
}

static void put_ids(FILE *file, uint32_t first, uint32_t last)
{
	if (first == last) {
		(void)fprintf(file, "0x%" PRIx32, first);
	} else {
		(void)fprintf(file, "0x%" PRIx32 " to 0x%" PRIx32, first, last);
	}
}

static bool same_edge(const struct fixed_description *one, const struct fixed_description *other)
{
	/* Names are shared: equal ones are one pointer. */
	return one->master == other->master && one->smmu == other->smmu && one->enabled == other->enabled;
}

static bool is_first_of_edge(const struct stream_description *streams, unsigned int i)
{
	for (unsigned int k = 0; k < i; k++) {
		if (same_edge(&streams->fixed[k], &streams->fixed[i])) {
			return false;
		}
	}
	return true;
}

/* One master's streams to one instance, as ranges. */
static void put_fixed(FILE *file, const struct stream_description *streams, unsigned int i)
{
	uint32_t first = streams->fixed[i].first;
	uint32_t last = streams->fixed[i].last;

	put_edge(file, streams->fixed[i].master, streams->fixed[i].smmu, streams->fixed[i].enabled);
	for (unsigned int k = i + 1; k < streams->fixed_count; k++) {
		const struct fixed_description *next = &streams->fixed[k];

		if (!same_edge(next, &streams->fixed[i])) {
			continue;
		}
		if (next->first - 1 != last) {
			put_ids(file, first, last);
			(void)fprintf(file, ", ");
			first = next->first;
		}
		last = next->last;
	}
	put_ids(file, first, last);
	(void)fprintf(file, "\"];\n");
}

static void put_window(FILE *file, const struct window_description *window)
{
	put_edge(file, window->master, window->smmu, window->enabled);
	put_ids(file, window->input_first, window->input_last);
	if (window->has_mask) {
		(void)fprintf(file, " & 0x%" PRIx32, window->mask);
	}
	(void)fprintf(file, " as ");
	put_ids(file, window->sid, description_window_last(window));
	(void)fprintf(file, "\"];\n");
}

/* "\\l" ends a left-aligned line. */
static void put_differences(FILE *file, const json_t *differences)
{
	size_t i;
	json_t *difference;

	(void)fprintf(file, "  differences [shape=note, color=red, label=\"%zu difference%s\\l",
		      json_array_size(differences), json_array_size(differences) == 1 ? "" : "s");
	json_array_foreach(differences, i, difference)
	{
		put_text(file, json_string_value(json_object_get(difference, "subject")));
		(void)fprintf(file, ": ");
		put_text(file, json_string_value(json_object_get(difference, "detail")));
		(void)fprintf(file, "\\l");
	}
	(void)fprintf(file, "\"];\n");
}

void diagram_dot(const struct table *table, const json_t *differences, FILE *file)
{
	const struct stream_description *streams = &table->description.streams;

	(void)fprintf(file, "digraph streams {\n  rankdir=LR;\n  node [shape=box];\n");
	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		put_instance(file, &streams->smmu[i], i);
	}
	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		if (is_first_of_edge(streams, i)) {
			put_fixed(file, streams, i);
		}
	}
	for (unsigned int i = 0; i < streams->window_count; i++) {
		put_window(file, &streams->window[i]);
	}
	if (differences) {
		put_differences(file, differences);
	}
	(void)fprintf(file, "}\n");
}

/* False: no room for the file. */
static bool write_graph(const struct table *table, const json_t *differences, char *path)
{
	int descriptor = mkstemp(path);
	FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
	bool written;

	if (!file) {
		return false;
	}
	diagram_dot(table, differences, file);
	written = !ferror(file);
	return fclose(file) == 0 && written;
}

/* Copies the output of `dot`, which ends with 0 even if it cannot write. */
static int draw_graph(const char *path)
{
	char text[4096];
	size_t size;
	FILE *svg;

	(void)snprintf(text, sizeof(text), "dot -Tsvg %s", path);
	svg = popen(text, "r");
	while (svg && (size = fread(text, 1, sizeof(text), svg)) > 0) {
		(void)fwrite(text, 1, size, stdout);
	}
	return svg ? pclose(svg) : -1;
}

int diagram_svg(const struct table *table, const json_t *differences)
{
	char path[] = P_tmpdir "/smmu-inspect.XXXXXX";
	bool written = write_graph(table, differences, path);
	int status = written ? draw_graph(path) : -1;

	(void)unlink(path);
	if (!written) {
		(void)fprintf(stderr, "smmu-inspect: there is no room in " P_tmpdir " for the graph\n");
		return -1;
	}
	if (status == -1 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		(void)fprintf(stderr, "smmu-inspect: `dot` could not draw it: is Graphviz installed?\n");
		return -1;
	}
	return 0;
}
