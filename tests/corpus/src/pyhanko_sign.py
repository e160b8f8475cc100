"""Signs a PDF the way other software does: key, certificates (leaf first), input, output."""
import sys

from pyhanko.keys import load_certs_from_pemder, load_private_key_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

key, certificates, source, target = sys.argv[1:]
chain = list(load_certs_from_pemder([certificates]))
signer = signers.SimpleSigner(
    signing_cert=chain[0],
    signing_key=load_private_key_from_pemder(key, None),
    cert_registry=SimpleCertificateStore.from_certs(chain),
)
with open(source, "rb") as file, open(target, "wb") as out:
    writer = IncrementalPdfFileWriter(file, strict=False)
    fields.append_signature_field(writer, fields.SigFieldSpec("Earlier"))
    metadata = signers.PdfSignatureMetadata(field_name="Earlier")
    signers.sign_pdf(writer, metadata, signer=signer, output=out)
