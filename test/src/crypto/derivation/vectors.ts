/** Of the vectors of NIST's validation program for SP 800-108: HMAC-SHA-256, the counter in 32 bits or none. */
export const pseudorandomVectors = [
  {
    mode: "counterMode",
    counterBits: 32,
    key: "c4bedbddb66493e7c7259a3bbbc25f8c7e0ca7fe284d92d431d9cd99a0d214ac",
    fixedInput:
      "1c69c54766791e315c2cc5c47ecd3ffab87d0d273dd920e70955814c220eacace6a5946542da3dfe24ff626b4897898cafb7db83bdff3c14fa46fd4b",
    initialValue: "",
    derived: "1da47638d6c9c4d04d74d4640bbd42ab814d9e8cc22f4326695239f96b0693f12d0dd1152cf44430",
  },
  {
    mode: "feedbackMode",
    counterBits: 0,
    key: "4b02ffb1cb9987496e19872597b026f7409d92433f9135068c29307985598586",
    fixedInput:
      "a38f30844136c33e00d4254a8bc5f51e8473ac20e5628e77e4d91a704d58bf0d4d0fefb5f92d897f1958b0af188180b2e2d2f7",
    initialValue: "5c2a2262d14994904c9c2de36d66c7ebdaed32b5cc441c222258857f5af29bea",
    derived:
      "ef46a7cc3f2fd3aac2d55c7386b99279098ad8af07e113c683e43601d3e0c9a48165a580d60b9c2df75cdfc066855607c0dd51ad8fc0296c3f72e83d3d5742e2",
  },
  {
    mode: "feedbackMode",
    counterBits: 32,
    key: "93f698e842eed75394d629d957e2e89c6e741f810b623c8b901e38376d068e7b",
    fixedInput:
      "53b89c18690e2057a1d167822e636de50be0018532c431f7f5e37f77139220d5e042599ebe266af5767ee18cd2c5c19a1f0f80",
    initialValue: "9f575d9059d3e0c0803f08112f8a806de3c3471912cdf42b095388b14b33508e",
    derived:
      "bd1476f43a4e315747cf5918e0ea5bc0d98769457477c3ab18b742def0e079a933b756365afb5541f253fee43c6fd788a44041038509e9eeb68f7d65ffbb5f95",
  },
  {
    mode: "feedbackMode",
    counterBits: 32,
    key: "ff2c6e54c474fb0d0a75fcd377c56947d011c0bfc33d2aecdb568e05cfc64dff",
    fixedInput:
      "83152d5502a5e9699eaa7900695214c727453c6660b9e47cfa59c3a840c53970701965912117e1f3ed532bf734231277aad5ab",
    initialValue: "0228a3db2f3cfd1ccde0b7485aa29443b2098f0c97e0da7184e0e489183480eb",
    derived:
      "a32a20f043d0f125d338d97b0068a02990d8aead782cdf0f576ae46a1cd43a6ae4da733e8393948c6a4b8f86c55c7a8ad044505135daa97c5a76e74c29a635b476f6803db955b1ed78a311bbaad606b80bcc076cb449d53d5631f5e52fd4c3d1968120f72bd25bfead3b59e60c30bd92d03f9d1f216aa8e9a356324e6d2410527fe9fe33ce59d85dcf33c2730b1e0657c147c6bd60a0abf2830b68101bb86df0dc43834b33377c6309d9c240fb1271713929356676fbecd9973c19dc4be9d654f15d477ba5bce80be718a15aea6a3428f2b773b97f83631deeed5ac52f5034256b546a0fe9e3cfb766cc0306e71326c39f2d150a0dc959bdbc0e8668fcb79d34e61fecdf34e6e488d79214a67f6085dd9c085f5c7bf748d219eb68c67c2bed7b8e14c82abbf1627ccfe73b8f",
  },
  {
    mode: "doublePipelineMode",
    counterBits: 32,
    key: "02d36fa021c20ddbdee469f0579468bae5cb13b548b6c61cdf9d3ec419111de2",
    fixedInput:
      "85abe38bf265fbdc6445ae5c71159f1548c73b7d526a623104904a0f8792070b3df9902b9669490425a385eadb0f9c76e46f0f",
    initialValue: "",
    derived:
      "d69f74f518c9f64f90a0beebab69f689b73b5c13eb0f860a95cad7d9814f8c506eb7b179a5c5b4466a9ec154c3bf1c13efd6ec0d82b02c29af2c690299edc453",
  },
  {
    mode: "doublePipelineMode",
    counterBits: 0,
    key: "7d4f86fdfd1c4ba04c674a68d60316d12c99c1b1f44f0a8e02bd2601377ebcd9",
    fixedInput:
      "921ab061920b191de12f746ac9de08004f2c20f01775e27bcacdc21ee4a5ff0387758f36d8ec71c7a8c8208284f650b611837e",
    initialValue: "",
    derived:
      "506bc2ba51410b2a6e7c05d33891520ddd5f702ad3d6203d76d8dae1216d0783d8c59fae2e821d8eff2d8ddd93a6741c8f144fb96e9ca7d7c532468f213f5efe",
  },
] as const;

/** RFC 5869 appendix A. */
export const expansionVectors = [
  {
    hash: "sha256",
    inputKeyMaterial: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    salt: "000102030405060708090a0b0c",
    information: "f0f1f2f3f4f5f6f7f8f9",
    derived: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
  },
  {
    hash: "sha256",
    inputKeyMaterial:
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
    salt: "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
    information:
      "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
    derived:
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
  },
  {
    hash: "sha256",
    inputKeyMaterial: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    salt: "",
    information: "",
    derived: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
  },
  {
    hash: "sha1",
    inputKeyMaterial: "0b0b0b0b0b0b0b0b0b0b0b",
    salt: "000102030405060708090a0b0c",
    information: "f0f1f2f3f4f5f6f7f8f9",
    derived: "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3f896",
  },
] as const;

/** RFC 6070 §2: PBKDF2 with HMAC-SHA-1; the one of 16,777,216 rounds is left out. */
export const passwordVectors = [
  { password: "password", salt: "salt", iterations: 1, derived: "0c60c80f961f0e71f3a9b524af6012062fe037a6" },
  { password: "password", salt: "salt", iterations: 2, derived: "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957" },
  { password: "password", salt: "salt", iterations: 4096, derived: "4b007901b765489abead49d926f721d065a429c1" },
  {
    password: "passwordPASSWORDpassword",
    salt: "saltSALTsaltSALTsaltSALTsaltSALTsalt",
    iterations: 4096,
    derived: "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
  },
  { password: "pass\0word", salt: "sa\0lt", iterations: 4096, derived: "56fa6aa75548099dcc37d7f03425e0c3" },
] as const;

/** The example of "Deriving a signing key" in the documentation of AWS Signature Version 4. */
export const awsVector = {
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  date: "20150830",
  region: "us-east-1",
  service: "iam",
  derived: "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9",
} as const;
