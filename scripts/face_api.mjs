// What the face-api package itself says of pictures, in its own runtime: the CPU backend bundled with it.
//
//     node scripts/face_api.mjs PACKAGE expressions|boxes SIDE < PIXELS
//
// PACKAGE is the unpacked npm package, PIXELS are RGB bytes of square pictures of SIDE x SIDE. Written to
// standard output as JSON: for `expressions` seven probabilities a picture, for `boxes` [x, y, width, height]
// of the aligned face, or null where no face is found. Called by convert_face_api.py.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const [folder, command, side] = process.argv.slice(2);

// The bundle is built for browsers: it must not see that this is none, and asks for a canvas it never uses.
Object.defineProperty(process, "versions", { value: {} });
globalThis.window = globalThis;
globalThis.document = { createElement: () => ({ getContext: () => null }) };
class Nothing {}
const faceapi = await import(resolve(folder, "dist/face-api.esm.js"));
faceapi.env.setEnv({
  Canvas: Nothing,
  CanvasRenderingContext2D: Nothing,
  Image: Nothing,
  ImageData: Nothing,
  Video: Nothing,
  createCanvasElement: () => new Nothing(),
  createImageElement: () => new Nothing(),
});
const { nets, tf } = faceapi;
await tf.setBackend("cpu");
await tf.ready();

function load(net, name) {
  const stem = resolve(folder, "model", name);
  const groups = JSON.parse(readFileSync(`${stem}-weights_manifest.json`));
  const { buffer, byteOffset, length } = readFileSync(`${stem}.bin`);
  const weights = groups.flatMap((group) => group.weights);
  net.loadFromWeightMap(tf.io.decodeWeights(buffer.slice(byteOffset, byteOffset + length), weights));
}

function* pictures() {
  const bytes = readFileSync(0);
  const size = side * side * 3;
  for (let start = 0; start < bytes.length; start += size) {
    const pixels = new Int32Array(bytes.subarray(start, start + size));
    yield tf.tensor3d(pixels, [Number(side), Number(side), 3], "int32");
  }
}

async function expressions(picture) {
  const output = await nets.faceExpressionNet.forward(picture);
  return [...output.dataSync()];
}

async function box(picture) {
  const options = new faceapi.TinyFaceDetectorOptions({ inputSize: Number(side) });
  const found = await faceapi.detectSingleFace(picture, options).withFaceLandmarks();
  if (!found) return null;
  const { x, y, width, height } = found.alignedRect.box;
  return [x, y, width, height];
}

if (command === "expressions") {
  load(nets.faceExpressionNet, "face_expression_model");
} else {
  load(nets.tinyFaceDetector, "tiny_face_detector_model");
  load(nets.faceLandmark68Net, "face_landmark_68_model");
}
const rows = [];
for (const picture of pictures()) rows.push(await (command === "expressions" ? expressions : box)(picture));
console.log(JSON.stringify({ runtime: `tfjs ${tf.version.tfjs ?? tf.version["tfjs-core"]}`, rows }));
