// Encrypted Media Extensions with Clear Key: the browser says which key it lacks, the control plane gives it.

const CONTENT = [{ initDataTypes: ["cenc"], videoCapabilities: [{ contentType: 'video/mp4; codecs="avc1.64001e"' }] }];

/** Let the video element ask for keys as it meets locked tracks. */
export async function unlock(video, offer) {
  if (!video.mediaKeys) {
    const access = await navigator.requestMediaKeySystemAccess(offer.key_system, CONTENT);
    await video.setMediaKeys(await access.createMediaKeys());
  }
  const asked = new Set();
  video.onencrypted = async (event) => {
    const name = String(new Uint8Array(event.initData));
    if (asked.has(name)) return; // each track says the same
    asked.add(name);
    const session = video.mediaKeys.createSession();
    session.addEventListener("message", async (message) => {
      const answer = await fetch(`/api/licence?session=${offer.session}`, { method: "POST", body: message.message });
      if (answer.ok) await session.update(await answer.arrayBuffer());
    });
    await session.generateRequest(event.initDataType, event.initData);
  };
}
