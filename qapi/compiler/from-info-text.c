/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a peer says, as text of a schema: names, and the documentation that
 * introspection data with details has.  Whatever would end a name or a comment,
 * or begin another section, becomes plain text or a character that the compiler
 * rejects.
 */
#include "qapi/compiler/from-info-internal.h"

#include "qapi/json/json.h"

#include <string.h>

void from_info_name(GString *out, const char *name)
{
    for (; *name; name++) {
        bool fine = g_ascii_isalnum(*name) || strchr("-_.", *name);

        g_string_append_c(out, fine ? *name : '?');
    }
}

/* A type cannot be called by a number alone. */
void from_info_type_name(GString *out, const char *name)
{
    g_string_append(out, from_info_is_masked(name) ? "Type" : "");
    from_info_name(out, name);
}

/* Control characters would end the comment or the line. */
static void out_text(GString *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        g_string_append_c(out, (guchar)text[i] < ' ' ? ' ' : text[i]);
    }
}

/* Makes text of a line that would be a tag or a heading. */
static void out_body_line(GString *out, const char *line)
{
    size_t word;

    line += strspn(line, "@=");
    word = strcspn(line, ": ");
    g_string_append(out, *line ? "# " : "#");
    out_text(out, line, word);
    if (line[word] == ':' && line[word + 1] != ':') {
        g_string_append_c(out, ' ');
    }
    out_text(out, line + word, strlen(line + word));
    g_string_append_c(out, '\n');
}

static void out_body(GString *out, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        out_body_line(out, *line);
    }
}

/* Returns the indentation that all lines have which are not blank. */
static size_t common_indent(char *const *lines)
{
    size_t common = G_MAXSIZE;

    for (; *lines; lines++) {
        size_t indent = strspn(*lines, " ");

        if ((*lines)[indent]) {
            common = MIN(common, indent);
        }
    }
    return common;
}

/*
 * The second line decides how far the lines after it have to be indented, so it
 * loses its own indentation.
 */
static void out_section(GString *out, const char *name, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    size_t common = common_indent(lines + 1);
    bool second = true;

    g_string_append(out, "#\n# @");
    from_info_name(out, name);
    g_string_append(out, ": ");
    out_text(out, lines[0], strlen(lines[0]));
    g_string_append_c(out, '\n');
    for (char **line = lines + 1; *line; line++) {
        size_t own = strspn(*line, " ");
        const char *rest = *line + (second ? own : MIN(own, common));

        g_string_append(out, *rest ? "#     " : "#");
        out_text(out, rest, strlen(rest));
        g_string_append_c(out, '\n');
        second = second && !*rest;
    }
}

/* @details: (nullable) */
static void add_fact(GString *text, JsonObject *details, const char *key,
                     const char *title)
{
    JsonNode *node = details ? json_object_get_member(details, key) : NULL;

    if (!node) {
        return;
    }
    g_string_append_printf(text, "%s%s: ", text->len ? ", " : "", title);
    if (json_qtype(node) == QTYPE_QSTRING) {
        g_string_append(text, json_node_get_string(node));
    } else {
        json_write(text, node, false);
    }
}

/*
 * Returns (transfer full) the documentation of a member and, in brackets, what
 * a schema cannot express of it.
 */
static char *member_text(JsonObject *member)
{
    JsonObject *details = info_object(member, "details");
    const char *doc = info_string(details, "doc");
    g_autoptr(GString) facts = g_string_new(NULL);

    add_fact(facts, details, "default", "default");
    add_fact(facts, details, "min", "least");
    add_fact(facts, details, "max", "greatest");
    add_fact(facts, details, "unit", "unit");
    add_fact(facts, details, "set", "set");
    if (!facts->len) {
        return g_strdup(doc);
    }
    return g_strdup_printf("%s%s(%s)", doc,
                           strchr(doc, '\n') ? "\n\n" : *doc ? " " : "",
                           facts->str);
}

/* Appends a documentation comment; none if there is no text. */
void from_info_doc(GString *out, JsonObject *info, JsonArray *members)
{
    const char *doc = info_string(info_object(info, "details"), "doc");
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < info_length(members); i++) {
        JsonObject *member = info_object_at(members, i);
        g_autofree char *about = member_text(member);

        if (*g_strstrip(about)) {
            out_section(text, info_string(member, "name"), about);
        }
    }
    if (!*doc && !text->len) {
        return;
    }
    g_string_append(out, "##\n# @");
    from_info_type_name(out, info_string(info, "name"));
    g_string_append(out, ":\n");
    if (*doc) {
        g_string_append(out, "#\n");
        out_body(out, doc);
    }
    g_string_append_printf(out, "%s##\n", text->str);
}
