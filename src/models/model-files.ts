/** Kinds of files that a model folder may hold: numbers and settings. Code and pickles are never downloaded. */
const wanted = /\.(safetensors|json|gguf|onnx|txt|model)$/;
const unwanted = /(^|\/)(onnx|runs|logs)\/|training_args|optimizer|scheduler/;

/** Whether a file of a repository or package is downloaded. */
export function isModelFile(path: string): boolean {
  return wanted.test(path) && !unwanted.test(path) && !path.split('/').includes('..');
}
