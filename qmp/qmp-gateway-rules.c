/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A rule is `allow` or `deny`, for one user or for all, with a pattern of the
 * names of commands.
 *
 * A command is denied if a `deny` matches it.  If the address has a rule
 * `allow`, one that is for the user must match the command.  So a list of what
 * some users may do leaves nothing to the others.
 */
#include "qmp/qmp-gateway-rules-internal.h"

#include <string.h>

typedef struct Rule {
    bool allows;
    bool is_for_all;
    unsigned uid; /* unless `is_for_all` */
    char *pattern;
} Rule;

struct QmpGatewayRules {
    GArray *rules; /* of Rule */
    bool has_allow;
};

static void rule_clear(void *opaque)
{
    g_free(((Rule *)opaque)->pattern);
}

void qmp_gateway_rules_free(QmpGatewayRules *rules)
{
    if (rules) {
        g_array_unref(rules->rules);
        g_free(rules);
    }
}

/* ---- Parsing ---- */

/*
 * Returns: the end of an option.  A comma that is written twice belongs to it.
 */
static const char *option_end(const char *text)
{
    while (*text && (*text != ',' || text[1] == ',')) {
        text += *text == ',' ? 2 : 1;
    }
    return text;
}

/* Parses "[UID:]PATTERN".  A pattern contains no colon. */
static bool rule_parse(Rule *rule, const char *name, const char *value,
                       Error **errp)
{
    const char *colon = strchr(value, ':');
    guint64 uid = 0;

    rule->allows = !strcmp(name, "allow");
    rule->is_for_all = !colon;
    /* The largest number represents no user. */
    if (colon) {
        g_autofree char *number = g_strndup(value, colon - value);

        if (!g_ascii_string_to_unsigned(number, 10, 0, G_MAXUINT32 - 1, &uid,
                                        NULL)) {
            error_setg(errp, "Invalid '%s=%s': '%s' is not the number of a "
                       "user", name, value, number);
            return false;
        }
        rule->uid = uid;
        value = colon + 1;
    }
    if (!*value) {
        error_setg(errp, "'%s' needs the name of a command or a pattern",
                   name);
        return false;
    }
    rule->pattern = g_strdup(value);
    return true;
}

/* Takes an option if it is a rule.  Returns: false with @errp set */
static bool take_option(QmpGatewayRules *rules, const char *option,
                        bool *is_rule, Error **errp)
{
    static const char *const names[] = { "allow", "deny" };
    const char *value = strchr(option, '=');

    *is_rule = false;
    for (size_t i = 0; value && i < G_N_ELEMENTS(names); i++) {
        size_t len = value - option;
        Rule rule = { .pattern = NULL };

        if (strlen(names[i]) != len || strncmp(option, names[i], len)) {
            continue;
        }
        *is_rule = true;
        if (!rule_parse(&rule, names[i], value + 1, errp)) {
            return false;
        }
        rules->has_allow = rules->has_allow || rule.allows;
        g_array_append_val(rules->rules, rule);
    }
    return true;
}

QmpGatewayRules *qmp_gateway_rules_parse(const char *text, char **rest,
                                         Error **errp)
{
    g_autoptr(QmpGatewayRules) rules = g_new0(QmpGatewayRules, 1);
    const char *end = option_end(text);
    g_autoptr(GString) other = g_string_new_len(text, end - text);

    rules->rules = g_array_new(FALSE, FALSE, sizeof(Rule));
    g_array_set_clear_func(rules->rules, rule_clear);
    while (*end) {
        const char *start = end + 1;
        g_autofree char *option = NULL;
        bool is_rule;

        end = option_end(start);
        option = g_strndup(start, end - start);
        if (!take_option(rules, option, &is_rule, errp)) {
            return NULL;
        }
        if (!is_rule) {
            g_string_append_printf(other, ",%s", option);
        }
    }
    /* The server reads what is left, with commas as they were. */
    *rest = g_string_free(g_steal_pointer(&other), FALSE);
    return g_steal_pointer(&rules);
}

/* ---- Checking ---- */

/* A rule for one user does not apply to clients whose user is unknown. */
static bool rule_matches(const Rule *rule, const QmpPeer *peer,
                         const char *command)
{
    return (rule->is_for_all ||
            (peer->is_known && peer->uid == rule->uid)) &&
           g_pattern_match_simple(rule->pattern, command);
}

bool qmp_gateway_rules_allow(const QmpGatewayRules *rules,
                             const QmpPeer *peer, const char *command)
{
    bool is_allowed = !rules->has_allow;

    for (guint i = 0; i < rules->rules->len; i++) {
        const Rule *rule = &g_array_index(rules->rules, Rule, i);

        if (!rule_matches(rule, peer, command)) {
            continue;
        }
        if (!rule->allows) {
            return false;
        }
        is_allowed = true;
    }
    return is_allowed;
}
