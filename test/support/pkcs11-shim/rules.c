/*
 * The faults that tests ask for, read from FOLDER/rules whenever that file is another one than before. Its
 * first line is a number, and one line a rule follows: FUNCTION SKIP TIMES ACTION VALUE. FUNCTION is the name of one, or
 * `device` for all that a device works for, or `any`. The rule leaves SKIP calls alone and holds for the TIMES that
 * follow (-1: for all). Calls are counted over all processes, in the file hits.NUMBER.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "shim.h"

enum { most_rules = 64, look_nanoseconds = 2000000 };
enum { all_device = -1, all_functions = -2 };

struct rule {
  int function;
  long skip;
  long times;
  enum action action;
  word value;
};

static const struct {
  const char *name;
  enum action action;
} actions[] = {
    {"delay", action_delay}, {"return", action_return}, {"then", action_then},     {"hang", action_hang},
    {"crash", action_crash}, {"lie", action_lie},       {"drop", action_drop},     {"logout", action_logout},
    {"empty", action_empty}, {"limit", action_limit},   {"hide", action_hide},     {"absent", action_absent},
};

static struct rule rules[most_rules];
static int rule_count;
static uint64_t uncounted[most_rules];
static uint64_t *hits = uncounted;
static struct timespec looked;
static struct stat seen;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

const char *shim_folder(void) {
  static char folder[4096];
  if (folder[0] != 0) return folder;
  const char *named = getenv("PKCS11_SHIM_FOLDER"), *configuration = getenv("SOFTHSM2_CONF");
  const char *end = configuration == NULL ? NULL : strrchr(configuration, '/');
  if (named != NULL) snprintf(folder, sizeof folder, "%s", named);
  else if (end != NULL) snprintf(folder, sizeof folder, "%.*s", (int)(end - configuration), configuration);
  return folder;
}

static int function_named(const char *name) {
  if (strcmp(name, "any") == 0) return all_functions;
  if (strcmp(name, "device") == 0) return all_device;
  for (int i = 0; i < function_count; i++) {
    if (strcmp(name, function_names[i]) == 0) return i;
  }
  fprintf(stderr, "pkcs11-shim: no function is called %s\n", name);
  abort();
}

static enum action action_named(const char *name) {
  for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
    if (strcmp(name, actions[i].name) == 0) return actions[i].action;
  }
  fprintf(stderr, "pkcs11-shim: no action is called %s\n", name);
  abort();
}

static void map_hits(const char *folder, long number) {
  char path[4200];
  snprintf(path, sizeof path, "%s/hits.%ld", folder, number);
  if (hits != uncounted) munmap(hits, sizeof uncounted);
  hits = uncounted;
  memset(uncounted, 0, sizeof uncounted);
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  if (ftruncate(file, sizeof uncounted) == 0) {
    void *mapped = mmap(NULL, sizeof uncounted, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) hits = mapped;
  }
  close(file);
}

static void read_rules(const char *folder, FILE *file) {
  long number = 0;
  rule_count = 0;
  if (fscanf(file, "%ld", &number) != 1) return;
  map_hits(folder, number);
  char function[64], action[16];
  struct rule rule;
  while (rule_count < most_rules &&
         fscanf(file, "%63s %ld %ld %15s %lu", function, &rule.skip, &rule.times, action, &rule.value) == 5) {
    rule.function = function_named(function);
    rule.action = action_named(action);
    rules[rule_count++] = rule;
  }
}

/* Reads the rules where the file was exchanged; looks for that not too often. */
static void look(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  long passed = (now.tv_sec - looked.tv_sec) * 1000000000L + now.tv_nsec - looked.tv_nsec;
  if (looked.tv_sec != 0 && passed < look_nanoseconds) return;
  looked = now;
  const char *folder = shim_folder();
  if (folder[0] == 0) return;
  char path[4200];
  snprintf(path, sizeof path, "%s/rules", folder);
  struct stat present;
  if (stat(path, &present) != 0) return;
  bool same = present.st_ino == seen.st_ino && present.st_mtim.tv_sec == seen.st_mtim.tv_sec &&
              present.st_mtim.tv_nsec == seen.st_mtim.tv_nsec;
  if (same) return;
  seen = present;
  FILE *file = fopen(path, "re");
  if (file == NULL) return;
  read_rules(folder, file);
  fclose(file);
}

static bool applies(int index, enum function function) {
  const struct rule *rule = &rules[index];
  bool meant = rule->function == all_functions || (rule->function == all_device && function_is_device[function]) ||
               rule->function == (int)function;
  if (!meant) return false;
  long before = (long)__atomic_fetch_add(&hits[index], 1, __ATOMIC_RELAXED);
  return before >= rule->skip && (rule->times < 0 || before < rule->skip + rule->times);
}

static void add(struct verdict *verdict, const struct rule *rule) {
  switch (rule->action) {
    case action_none: break;
    case action_delay: verdict->delay += rule->value; break;
    case action_return:
      verdict->answered = true;
      verdict->answer = rule->value;
      break;
    case action_then:
      verdict->replaced = true;
      verdict->replacement = rule->value;
      break;
    case action_hang: verdict->hang = true; break;
    case action_crash: verdict->crash = true; break;
    case action_lie: verdict->lie = true; break;
    case action_drop: verdict->drop = true; break;
    case action_logout: verdict->logout = true; break;
    case action_empty: verdict->empty = true; break;
    case action_limit:
      verdict->limited = true;
      verdict->limit = rule->value;
      break;
    case action_hide:
      verdict->hiding = true;
      verdict->hidden = rule->value;
      break;
    case action_absent: verdict->absent = true; break;
  }
}

struct verdict judge(enum function function) {
  struct verdict verdict = {0};
  pthread_mutex_lock(&lock);
  look();
  for (int i = 0; i < rule_count; i++) {
    if (applies(i, function)) add(&verdict, &rules[i]);
  }
  pthread_mutex_unlock(&lock);
  return verdict;
}
