/*
 * A PKCS#11 module that forwards to another one, PKCS11_SHIM_MODULE, and on the way does what the rules say: it waits,
 * fails, hangs, crashes, lies or forgets. For tests and benchmarks.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "shim.h"

enum { PLAIN = 0, DEVICE = 1 };

const char *const function_names[function_count] = {
#define FUNCTION(name, arguments, kind) #name,
#include "functions.def"
#undef FUNCTION
};
const bool function_is_device[function_count] = {
#define FUNCTION(name, arguments, kind) kind,
#include "functions.def"
#undef FUNCTION
};
static const int argument_counts[function_count] = {
#define FUNCTION(name, arguments, kind) arguments,
#include "functions.def"
#undef FUNCTION
};

static struct function_list *real;

CK_RV forward(enum function function, const word *a) {
  void *target = real->functions[function];
  switch (argument_counts[function]) {
    case 1: return ((CK_RV(*)(word))target)(a[0]);
    case 2: return ((CK_RV(*)(word, word))target)(a[0], a[1]);
    case 3: return ((CK_RV(*)(word, word, word))target)(a[0], a[1], a[2]);
    case 4: return ((CK_RV(*)(word, word, word, word))target)(a[0], a[1], a[2], a[3]);
    case 5: return ((CK_RV(*)(word, word, word, word, word))target)(a[0], a[1], a[2], a[3], a[4]);
    case 6: return ((CK_RV(*)(word, word, word, word, word, word))target)(a[0], a[1], a[2], a[3], a[4], a[5]);
    default:
      return ((CK_RV(*)(word, word, word, word, word, word, word, word))target)(a[0], a[1], a[2], a[3], a[4], a[5],
                                                                                 a[6], a[7]);
  }
}

static void wait_for(word microseconds) {
  /* Without this the kernel adds 50 microseconds of its own to every sleep. */
  prctl(PR_SET_TIMERSLACK, 1000UL);
  struct timespec left = {(time_t)(microseconds / 1000000), (long)(microseconds % 1000000) * 1000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) continue;
}

static void crash(void) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  signal(SIGSEGV, SIG_DFL);
  raise(SIGSEGV);
}

/* Whether the sessions of the absent token have been closed. */
static bool dropped;

/* What a module answers while the token is not in its slot; true where it answers by itself. */
static bool answer_absent(enum function function, const word *a, CK_RV *answer) {
  switch (function) {
    case C_Initialize_number:
    case C_Finalize_number:
    case C_GetInfo_number:
    case C_GetFunctionList_number: return false;
    case C_GetSlotList_number:
      *(word *)a[2] = 0;
      *answer = CKR_OK;
      return true;
    case C_GetSlotInfo_number:
    case C_GetTokenInfo_number:
    case C_GetMechanismList_number:
    case C_GetMechanismInfo_number:
    case C_OpenSession_number: *answer = CKR_TOKEN_NOT_PRESENT; break;
    default: *answer = CKR_DEVICE_REMOVED;
  }
  if (!dropped) drop_sessions();
  dropped = true;
  return true;
}

/* The mechanism that a call names by a CK_MECHANISM as its second argument. */
static const struct mechanism *mechanism_of(enum function function, const word *a) {
  switch (function) {
    case C_EncryptInit_number:
    case C_DecryptInit_number:
    case C_DigestInit_number:
    case C_SignInit_number:
    case C_VerifyInit_number:
    case C_GenerateKey_number:
    case C_GenerateKeyPair_number:
    case C_WrapKey_number:
    case C_UnwrapKey_number:
    case C_DeriveKey_number: return (const struct mechanism *)a[1];
    default: return NULL;
  }
}

static bool names_hidden(enum function function, const word *a, word hidden) {
  const struct mechanism *mechanism = mechanism_of(function, a);
  if (mechanism != NULL) return mechanism->type == hidden;
  return function == C_GetMechanismInfo_number && a[1] == hidden;
}

/* Takes a mechanism out of a list, or out of the length of one. */
static void hide_in_list(const word *a, word hidden) {
  word *list = (word *)a[1], *count = (word *)a[2];
  if (list == NULL) {
    word all[1024], length = 1024;
    const word asked[] = {a[0], (word)all, (word)&length};
    if (forward(C_GetMechanismList_number, asked) != CKR_OK) return;
    for (word i = 0; i < length; i++) *count -= all[i] == hidden;
    return;
  }
  word kept = 0;
  for (word i = 0; i < *count; i++) {
    if (list[i] != hidden) list[kept++] = list[i];
  }
  *count = kept;
}

/* Destroys what a call has just made. */
static void unmake(enum function function, const word *a) {
  word made = 0;
  switch (function) {
    case C_CreateObject_number: made = a[3]; break;
    case C_GenerateKey_number: made = a[4]; break;
    case C_GenerateKeyPair_number: made = a[7]; break;
    case C_UnwrapKey_number: made = a[7]; break;
    default: return;
  }
  const word gone[] = {a[0], *(const word *)made};
  if (forward(C_DestroyObject_number, gone) == CKR_OK) take_note(C_DestroyObject_number, gone);
}

/* What the verdict answers without a call of the real module; false where it wants one. */
static bool answer_alone(enum function function, const word *a, const struct verdict *verdict, CK_RV *answer) {
  if (verdict->crash) crash();
  while (verdict->hang) pause();
  if (verdict->drop) drop_sessions();
  if (verdict->logout) forward(C_Logout_number, a);
  if (verdict->absent && answer_absent(function, a, answer)) return true;
  if (!verdict->absent) dropped = false;
  if (verdict->limited && function == C_OpenSession_number && open_sessions() >= verdict->limit) {
    *answer = CKR_SESSION_COUNT;
    return true;
  }
  if (verdict->hiding && names_hidden(function, a, verdict->hidden)) {
    *answer = CKR_MECHANISM_INVALID;
    return true;
  }
  if (verdict->empty) {
    if (function == C_FindObjects_number) *(word *)a[3] = 0;
    if (function == C_GetSlotList_number) *(word *)a[2] = 0;
    *answer = CKR_OK;
    return true;
  }
  *answer = verdict->answer;
  return verdict->answered;
}

static CK_RV call(enum function function, const word *a) {
  count_call(function);
  const struct verdict verdict = judge(function);
  if (verdict.delay > 0) wait_for(verdict.delay);
  CK_RV answer = CKR_OK;
  if (answer_alone(function, a, &verdict, &answer)) {
    count_fault();
    return answer;
  }
  answer = forward(function, a);
  if (answer == CKR_OK) take_note(function, a);
  if (answer == CKR_OK && verdict.lie) unmake(function, a);
  if (answer == CKR_OK && verdict.hiding && function == C_GetMechanismList_number) hide_in_list(a, verdict.hidden);
  if (verdict.lie || verdict.replaced) count_fault();
  return verdict.replaced ? verdict.replacement : answer;
}

#define WRAPPER_1(name) static CK_RV name##_wrapper(word a) { const word all[] = {a}; return call(name##_number, all); }
#define WRAPPER_2(name) \
  static CK_RV name##_wrapper(word a, word b) { const word all[] = {a, b}; return call(name##_number, all); }
#define WRAPPER_3(name) \
  static CK_RV name##_wrapper(word a, word b, word c) { const word all[] = {a, b, c}; return call(name##_number, all); }
#define WRAPPER_4(name)                                             \
  static CK_RV name##_wrapper(word a, word b, word c, word d) {     \
    const word all[] = {a, b, c, d};                                \
    return call(name##_number, all);                                \
  }
#define WRAPPER_5(name)                                                 \
  static CK_RV name##_wrapper(word a, word b, word c, word d, word e) { \
    const word all[] = {a, b, c, d, e};                                 \
    return call(name##_number, all);                                    \
  }
#define WRAPPER_6(name)                                                         \
  static CK_RV name##_wrapper(word a, word b, word c, word d, word e, word f) { \
    const word all[] = {a, b, c, d, e, f};                                      \
    return call(name##_number, all);                                            \
  }
#define WRAPPER_8(name)                                                                         \
  static CK_RV name##_wrapper(word a, word b, word c, word d, word e, word f, word g, word h) { \
    const word all[] = {a, b, c, d, e, f, g, h};                                                \
    return call(name##_number, all);                                                            \
  }
#define FUNCTION(name, arguments, kind) WRAPPER_##arguments(name)
#include "functions.def"
#undef FUNCTION

static struct function_list own = {
    {2, 40},
    {
#define FUNCTION(name, arguments, kind) (void *)name##_wrapper,
#include "functions.def"
#undef FUNCTION
    },
};

static void load(void) {
  const char *path = getenv("PKCS11_SHIM_MODULE");
  void *module = path == NULL ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
  CK_RV (*list)(struct function_list **) = module == NULL ? NULL : dlsym(module, "C_GetFunctionList");
  if (list == NULL || list(&real) != CKR_OK) {
    fprintf(stderr, "pkcs11-shim: PKCS11_SHIM_MODULE names no module: %s\n", path == NULL ? "(nothing)" : path);
    abort();
  }
}

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(struct function_list **list) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  *list = &own;
  return CKR_OK;
}
