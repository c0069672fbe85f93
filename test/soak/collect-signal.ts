/** The signal at which a server that was started with collect-on-signal.ts collects its garbage. */
export const collectSignal = "SIGUSR2";
