// Which name the command key has here.

export const isMac = (): boolean => /Mac|iPhone|iPad/.test(navigator.platform);
