/* How the parts of the shim see each other. */
#ifndef PKCS11_SHIM_SHIM_H
#define PKCS11_SHIM_SHIM_H

#include <stdbool.h>
#include "pkcs11.h"

/* forward.c: calls a function of the real module. */
CK_RV forward(enum function function, const word *arguments);
/* Name, and whether a device works for it. */
extern const char *const function_names[function_count];
extern const bool function_is_device[function_count];

/* The folder of rules and counters: PKCS11_SHIM_FOLDER, else that of SOFTHSM2_CONF; empty where there is neither. */
const char *shim_folder(void);

/* rules.c: the faults that tests ask for. */
enum action {
  action_none,
  action_delay,    /* value: microseconds of sleep before the call */
  action_return,   /* value: the answer, without a call */
  action_then,     /* value: the answer, after the call */
  action_hang,     /* never answers */
  action_crash,    /* ends the process by SIGSEGV */
  action_lie,      /* makes an object, destroys it, and answers CKR_OK */
  action_drop,     /* closes all sessions first */
  action_logout,   /* logs out first */
  action_empty,    /* finds nothing */
  action_limit,    /* value: most open sessions */
  action_hide,     /* value: a mechanism that is not there */
  action_absent,   /* the token is not in its slot */
};

/* What the rules in force say of one call. */
struct verdict {
  word delay;
  bool answered; /* without a call */
  word answer;
  bool replaced; /* after the call */
  word replacement;
  bool lie;
  bool empty;
  bool absent;
  bool hang;
  bool crash;
  bool drop;
  bool logout;
  bool limited;
  word limit;
  bool hiding;
  word hidden;
};

struct verdict judge(enum function function);

/* counters.c: what tests may read. */
void count_call(enum function function);
void count_fault(void);
/* Takes note of sessions and session objects that came or went by a successful call. */
void take_note(enum function function, const word *arguments);
word open_sessions(void);
/* Closes all sessions in the real module. */
void drop_sessions(void);

#endif
