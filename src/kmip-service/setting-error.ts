/** A setting of the KMIP service makes no sense; the message is for the operator. */
export class ServiceSettingError extends Error {
  override readonly name = "ServiceSettingError";
}
