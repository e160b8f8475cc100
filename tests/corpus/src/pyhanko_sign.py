"""Signs a PDF the way other software does: key, certificate, input, output."""
import sys

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

key, certificate, source, target = sys.argv[1:]
signer = signers.SimpleSigner.load(key, certificate)
with open(source, "rb") as file, open(target, "wb") as out:
    writer = IncrementalPdfFileWriter(file, strict=False)
    fields.append_signature_field(writer, fields.SigFieldSpec("Earlier"))
    metadata = signers.PdfSignatureMetadata(field_name="Earlier")
    signers.sign_pdf(writer, metadata, signer=signer, output=out)
