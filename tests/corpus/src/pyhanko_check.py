"""Validates every embedded signature of the given files; one JSON object per signature and line."""
import json
import logging
import os
import sys

from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

logging.disable(logging.CRITICAL)
roots = list(load_certs_from_pemder([sys.argv[1]]))


def verdict(signature):
    context = ValidationContext(trust_roots=roots, allow_fetching=False)
    status = validate_pdf_signature(signature, context)
    return {
        "bottom_line": bool(status.bottom_line),
        "intact": bool(status.intact and status.valid),
        "coverage": status.coverage.name,
        "changes": status.modification_level.name if status.modification_level else "",
        "error": "" if status.bottom_line else status.summary(),
    }


for path in sys.argv[2:]:
    failed = {"bottom_line": False, "intact": False, "coverage": "", "changes": ""}
    try:
        with open(path, "rb") as file:
            reader = PdfFileReader(file, strict=False)
            if reader.encrypted:
                reader.decrypt(os.environ.get("PDF_PASSWORD", ""))
            for signature in reader.embedded_signatures:
                try:
                    outcome = verdict(signature)
                except Exception as error:
                    outcome = failed | {"error": repr(error)}
                end = signature.byte_range[2] + signature.byte_range[3]
                said = {"file": path, "field": signature.field_name, "end": int(end)}
                print(json.dumps(said | outcome))
    except Exception as error:
        print(json.dumps({"file": path, "field": "", "end": 0} | failed | {"error": repr(error)}))
