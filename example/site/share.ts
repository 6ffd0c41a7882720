/** Copies the address of the page, and says how that went in a sentence. */
export async function copyLink(): Promise<string> {
  const failed = `Send this to somebody: ${location.href}`;
  // Only pages that came over HTTPS, or from this machine, have a clipboard.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined) return failed;
  try {
    await clipboard.writeText(location.href);
    return "The link is copied. Send it to somebody.";
  } catch {
    return failed;
  }
}
