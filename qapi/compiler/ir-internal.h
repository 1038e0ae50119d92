/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Entities: what the schema defines, with every name resolved.
 *
 * In addition to what the author of the schema wrote, there are the built-in
 * types, an array type for each list type in use (named "intList"), an object
 * type for the inline members of each command, event and union base (named
 * "q_obj_NAME-arg", "q_obj_NAME-base"), and the types that classes imply.
 *
 * Generators and printers read entities and nothing else.
 */
#ifndef QOM_QAPI_COMPILER_IR_INTERNAL_H
#define QOM_QAPI_COMPILER_IR_INTERNAL_H

#include "qapi/qapi-type.h"
#include "qapi/compiler/schema-internal.h"

typedef enum IrKind {
    IR_BUILTIN,
    IR_ENUM,
    IR_ARRAY,
    IR_OBJECT, /* struct and union */
    IR_ALTERNATE,
    IR_COMMAND,
    IR_EVENT,
    IR_CLASS,
} IrKind;

typedef struct IrEntity IrEntity;

typedef struct IrFeature {
    Name *name;
    const AstValue *cond;     /* (nullable) */
    const DocSection *doc;    /* (nullable) */
    SrcLoc loc;
} IrFeature;

typedef struct IrFeatures {
    IrFeature *item; /* [n] */
    uint32_t n;
} IrFeatures;

/* A member, enum value, branch or property. */
typedef struct IrMember {
    Name *name;
    Name *type_name;   /* NULL for an enum value */
    IrEntity *type;    /* the type of this name, set by check-types.c */
    bool optional;
    bool implicit;     /* a branch that the author left out */
    const AstValue *cond; /* (nullable) */
    IrFeatures features;
    IrEntity *owner;   /* the entity that defines it */
    const DocSection *doc; /* (nullable) */
    SrcLoc loc;
    struct IrProperty *property; /* NULL unless it is a property */
} IrMember;

typedef enum IrSet {
    IR_SET_ANY_TIME,
    IR_SET_CREATE,
    IR_SET_NEVER,
} IrSet;

/* What a property has in addition to a member. */
typedef struct IrProperty {
    const AstValue *def; /* (nullable) */
    const AstValue *min; /* (nullable) */
    const AstValue *max; /* (nullable) */
    const Name *unit;    /* (nullable) */
    IrSet set;
    bool notify;   /* a change of this property alone calls the class's hook */
    bool is_link;  /* of type link<@target> */
    bool is_child; /* of type child<@target> */
    Name *target;
} IrProperty;

typedef struct IrBuiltin {
    const char *json_type; /* as in introspection */
    const char *c_type;    /* as in "char *", with the space */
    QapiKind kind;
    QType qtype; /* QTYPE_NONE: any */
} IrBuiltin;

typedef struct IrMembers {
    IrMember *item; /* [n] */
    uint32_t n;
} IrMembers;

typedef enum IrState {
    IR_UNCHECKED,
    IR_CHECKING,
    IR_CHECKED,
    IR_FAILED,
} IrState;

struct IrEntity {
    IrKind kind;
    Name *name;
    const char *meta;  /* "struct", "command"...: the kind of its definition */
    Name *definition;  /* name of the definition that defines or implies it;
                          NULL for a built-in type */
    SrcLoc loc;        /* 0 for a built-in */
    IrModule *module;
    const AstValue *cond;
    IrFeatures features;
    Doc *doc;          /* (nullable) */
    IrState state;
    uint32_t visit;    /* epoch of the last walk that reached it */
    bool implicit;     /* an object type of inline members */
    bool from_class;   /* implied by classes */
    IrEntity *array;   /* (nullable) the array type of this type */
    IrEntity *next;
    IrEntity *next_in_module;
    IrEntity *next_class;

    union {
        const IrBuiltin *builtin;
        struct {
            IrMembers values;
            Name *prefix; /* (nullable) */
        } enumeration;
        struct {
            Name *element_name;
            IrEntity *element;
        } array_of;
        struct {
            Name *base_name;      /* (nullable) */
            IrEntity *base;       /* (nullable) */
            IrMembers locals;     /* without those of the base */
            IrMember **members;   /* all, those of the base first */
            uint32_t n_members;
            Name *tag_name;       /* NULL: a struct */
            IrMember *tag;
            uint32_t tag_index;   /* in members */
            IrMembers branches;   /* as in the schema, then implicit */
            uint32_t n_explicit;  /* number of branches in the schema */
        } object;
        struct {
            IrMembers branches;
        } alternate;
        struct {
            Name *arg_name;   /* (nullable) */
            IrEntity *arg;    /* (nullable) object */
            bool boxed;
            /* only for commands */
            Name *ret_name;   /* (nullable) */
            IrEntity *ret;    /* (nullable) */
            bool no_gen;
            bool no_response;
            bool allow_oob;
            bool allow_preconfig;
            bool coroutine;
        } call; /* command, event */
        struct {
            Name *parent_name;  /* (nullable) */
            IrEntity *parent;   /* (nullable) */
            const AstValue *interfaces; /* (nullable) list of strings */
            const char *c_type; /* (nullable) */
            bool abstract;
            IrMembers properties;
            IrEntity *struct_type; /* <Name>Properties */
        } klass;
    } u;
};

static inline bool ir_is_union(const IrEntity *e)
{
    return e->kind == IR_OBJECT && e->u.object.tag_name;
}

/**
 * ir_describe: describes an entity for messages
 *
 * Returns: a text such as "struct type 'Foo'"; it lives as long as the schema
 */
const char *ir_describe(QapiSchema *schema, const IrEntity *e);

/**
 * ir_members: returns the members of an entity
 *
 * These are the values of an enum, the local members of an object, the branches
 * of an alternate, the properties of a class; none for other entities.
 */
IrMembers ir_members(const IrEntity *e);

/* ir_documented_members: returns what the comment of @e has to describe */
IrMembers ir_documented_members(const IrEntity *e);

/* ir_role: returns what messages call a member of @e, such as "value" */
const char *ir_role(const IrEntity *e);

/* ir_new_entity: creates an entity.  @like: (nullable) what implies it */
IrEntity *ir_new_entity(QapiSchema *schema, IrKind kind, Name *name,
                        const IrEntity *like);
/*
 * ir_add_entity, ir_add_class: Add an entity, or report that its name is in
 * use.
 */
void ir_add_entity(QapiSchema *schema, IrEntity *e);
void ir_add_class(QapiSchema *schema, IrEntity *e);

/*
 * ir_array_of: returns the name of the array type of an element type, which is
 * defined at its first use.  @user: (nullable) the entity that uses it
 */
Name *ir_array_of(QapiSchema *schema, Name *element, const IrEntity *user);

/* ir_define_builtins: adds the built-in types */
void ir_define_builtins(QapiSchema *schema);

/* ir_intern: returns the name that a text is */
static inline Name *ir_intern(QapiSchema *schema, const char *str)
{
    return name_of(&schema->names, str);
}

/* connect_doc: connects the documentation of @e, which is checked, to it */
void connect_doc(QapiSchema *schema, IrEntity *e);
/* check_docs: reports sections that describe nothing */
void check_docs(QapiSchema *schema);

/*
 * check_class_parent, check_class_properties: Check the parts of a class, in
 * this order; return false after an error.
 */
bool check_class_parent(QapiSchema *schema, IrEntity *e);
bool check_class_properties(QapiSchema *schema, IrEntity *e);

#endif
