/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpGatewayRules: which commands the clients of an address may execute.
 *
 * Thread: any; one thread at a time uses the rules
 */
#ifndef QOM_QMP_QMP_GATEWAY_RULES_INTERNAL_H
#define QOM_QMP_QMP_GATEWAY_RULES_INTERNAL_H

#include "qapi/error.h"
#include "qmp/qmp-forward-internal.h"

typedef struct QmpGatewayRules QmpGatewayRules;

/**
 * qmp_gateway_rules_parse: takes the rules out of the text of an address
 * @text: an address with options, of which `allow` and `deny` are the rules
 * @rest: (out) (transfer full) the address without these
 * @errp: set if a rule is malformed; @rest is not changed then
 *
 * Returns: (transfer full) the rules; NULL with @errp set
 */
QmpGatewayRules *qmp_gateway_rules_parse(const char *text, char **rest,
                                         Error **errp);

/* qmp_gateway_rules_free: frees rules. @rules: (nullable) consumed */
void qmp_gateway_rules_free(QmpGatewayRules *rules);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpGatewayRules, qmp_gateway_rules_free)

/**
 * qmp_gateway_rules_allow: tests whether a client may execute a command
 * @rules: the rules
 * @peer: the client
 * @command: any text
 */
bool qmp_gateway_rules_allow(const QmpGatewayRules *rules,
                             const QmpPeer *peer, const char *command);

#endif
