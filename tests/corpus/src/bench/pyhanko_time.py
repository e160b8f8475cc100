"""Signs a file several times; prints the median in microseconds: key, certificate, runs, input, output."""
import statistics
import sys
import time

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

key, certificate, runs, source, target = sys.argv[1:]
signer = signers.SimpleSigner.load(key, certificate)


def sign():
    with open(source, "rb") as file, open(target, "wb") as out:
        writer = IncrementalPdfFileWriter(file, strict=False)
        place = fields.SigFieldSpec("Stamp", on_page=-1, box=(497, 36, 559, 98))
        fields.append_signature_field(writer, place)
        metadata = signers.PdfSignatureMetadata(field_name="Stamp", subfilter=fields.SigSeedSubFilter.PADES)
        signers.sign_pdf(writer, metadata, signer=signer, output=out)


times = []
for _ in range(int(runs)):
    started = time.perf_counter()
    sign()
    times.append((time.perf_counter() - started) * 1e6)
print(statistics.median(times))
