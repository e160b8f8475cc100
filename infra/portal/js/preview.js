// Pages of a PDF as pictures, by pdf.js, which is loaded only here.

let library;

async function pdfjs() {
  library ??= import('/vendor/pdf.mjs');
  library.catch(() => (library = undefined));
  const loaded = await library;
  loaded.GlobalWorkerOptions.workerSrc = '/vendor/pdf.worker.mjs';
  return loaded;
}

/** There is no pdf.js in this place. */
export class NoPreview extends Error {}

/** Opens a file: how many pages, how to draw one, and how to let go of it. */
export async function openPdf(file) {
  const { getDocument } = await pdfjs().catch(() => {
    throw new NoPreview();
  });
  const data = new Uint8Array(await file.arrayBuffer());
  const loading = getDocument({ data, isEvalSupported: false, enableXfa: false });
  const document = await loading.promise;
  return {
    count: document.numPages,
    close: () => loading.destroy(),
    /** Draws a page (from 1) no wider than `width` pixels; gives its size in points as shown. */
    async draw(number, canvas, width) {
      const page = await document.getPage(number);
      const whole = page.getViewport({ scale: 1 });
      const ratio = Math.min(devicePixelRatio || 1, 2);
      const scale = (width / whole.width) * ratio;
      const viewport = page.getViewport({ scale });
      canvas.width = Math.round(viewport.width);
      canvas.height = Math.round(viewport.height);
      await page.render({ canvasContext: canvas.getContext('2d'), viewport }).promise;
      const unit = page.userUnit || 1;
      return { width_pt: whole.width / unit, height_pt: whole.height / unit };
    },
  };
}
