/*
 * Counts calls, sessions and session objects in a file mapped into memory, FOLDER/counters.PROCESS:
 * 64-bit numbers in the machine's order, the first eight as below, then the calls of each function in the order of
 * functions.def.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "shim.h"

enum { sessions_now, sessions_most, objects_now, objects_most, faults, first_call = 8 };
enum { counters_length = first_call + function_count };

struct object {
  word handle;
  word session;
  struct object *next;
};
struct session {
  word handle;
  word slot;
  struct session *next;
};

enum { buckets = 4096 };
static struct object *objects[buckets];
static struct session *sessions;
static uint64_t unread[counters_length];
static volatile uint64_t *counters = unread;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t opened = PTHREAD_ONCE_INIT;

static void open_counters(void) {
  const char *folder = shim_folder();
  if (folder[0] == 0) return;
  char path[4200];
  snprintf(path, sizeof path, "%s/counters.%d", folder, (int)getpid());
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  if (ftruncate(file, sizeof unread) == 0) {
    void *mapped = mmap(NULL, sizeof unread, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) counters = mapped;
  }
  close(file);
}

void count_call(enum function function) {
  pthread_once(&opened, open_counters);
  __atomic_fetch_add(&counters[first_call + function], 1, __ATOMIC_RELAXED);
}

void count_fault(void) { __atomic_fetch_add(&counters[faults], 1, __ATOMIC_RELAXED); }

word open_sessions(void) { return counters[sessions_now]; }

static void change(int counter, int by) {
  counters[counter] += by;
  if (counters[counter] > counters[counter + 1]) counters[counter + 1] = counters[counter];
}

static void add_object(word handle, word session) {
  struct object *made = malloc(sizeof *made);
  if (made == NULL) abort();
  *made = (struct object){handle, session, objects[handle % buckets]};
  objects[handle % buckets] = made;
  change(objects_now, 1);
}

/* Removes one object, or all of a session. */
static void remove_objects(bool by_session, word wanted) {
  for (word bucket = by_session ? 0 : wanted % buckets; bucket < buckets; bucket++) {
    for (struct object **place = &objects[bucket]; *place != NULL;) {
      struct object *seen = *place;
      if ((by_session ? seen->session : seen->handle) != wanted) {
        place = &seen->next;
        continue;
      }
      *place = seen->next;
      free(seen);
      change(objects_now, -1);
    }
    if (!by_session) return;
  }
}

static void remove_sessions(bool by_slot, word wanted) {
  for (struct session **place = &sessions; *place != NULL;) {
    struct session *seen = *place;
    if ((by_slot ? seen->slot : seen->handle) != wanted) {
      place = &seen->next;
      continue;
    }
    *place = seen->next;
    remove_objects(true, seen->handle);
    free(seen);
    change(sessions_now, -1);
  }
}

static void add_session(word handle, word slot) {
  struct session *made = malloc(sizeof *made);
  if (made == NULL) abort();
  *made = (struct session){handle, slot, sessions};
  sessions = made;
  change(sessions_now, 1);
}

static bool for_token(word template, word count) {
  const struct attribute *attributes = (const struct attribute *)template;
  for (word i = 0; i < count; i++) {
    if (attributes[i].type == CKA_TOKEN) return *(const unsigned char *)attributes[i].value != 0;
  }
  return false;
}

static void add_made(word session, word template, word count, word handle) {
  if (!for_token(template, count)) add_object(*(const word *)handle, session);
}

void take_note(enum function function, const word *a) {
  pthread_mutex_lock(&lock);
  switch (function) {
    case C_OpenSession_number: add_session(*(const word *)a[4], a[0]); break;
    case C_CloseSession_number: remove_sessions(false, a[0]); break;
    case C_CloseAllSessions_number: remove_sessions(true, a[0]); break;
    case C_CreateObject_number: add_made(a[0], a[1], a[2], a[3]); break;
    case C_CopyObject_number: add_made(a[0], a[2], a[3], a[4]); break;
    case C_GenerateKey_number: add_made(a[0], a[2], a[3], a[4]); break;
    case C_GenerateKeyPair_number:
      add_made(a[0], a[2], a[3], a[6]);
      add_made(a[0], a[4], a[5], a[7]);
      break;
    case C_UnwrapKey_number: add_made(a[0], a[5], a[6], a[7]); break;
    case C_DeriveKey_number: add_made(a[0], a[3], a[4], a[5]); break;
    case C_DestroyObject_number: remove_objects(false, a[1]); break;
    default: break;
  }
  pthread_mutex_unlock(&lock);
}

void drop_sessions(void) {
  pthread_mutex_lock(&lock);
  while (sessions != NULL) {
    word slot = sessions->slot;
    forward(C_CloseAllSessions_number, &slot);
    remove_sessions(true, slot);
  }
  pthread_mutex_unlock(&lock);
}
