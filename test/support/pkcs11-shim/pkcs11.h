/* What the shim needs of the binary interface of PKCS#11 2.40 on 64-bit Linux. */
#ifndef PKCS11_SHIM_PKCS11_H
#define PKCS11_SHIM_PKCS11_H

/*
 * Every argument of a PKCS#11 function is a number (CK_ULONG, CK_BBOOL) or a pointer, and each travels in a machine
 * word of its own, so that all functions with the same number of arguments are forwarded alike.
 */
typedef unsigned long word;
typedef word CK_RV;

struct version {
  unsigned char major;
  unsigned char minor;
};

struct attribute {
  word type;
  void *value;
  word length;
};

struct mechanism {
  word type;
  void *parameter;
  word length;
};

enum {
  CKR_OK = 0x00,
  CKR_DEVICE_REMOVED = 0x32,
  CKR_MECHANISM_INVALID = 0x70,
  CKR_SESSION_COUNT = 0xb1,
  CKR_TOKEN_NOT_PRESENT = 0xe0,
  CKA_TOKEN = 0x01,
};

enum function {
#define FUNCTION(name, arguments, kind) name##_number,
#include "functions.def"
#undef FUNCTION
  function_count
};

struct function_list {
  struct version version;
  void *functions[function_count];
};

#endif
