"""Hold documents against libraries of those who wrote the specifications.

usage: validate.py FILE...

Prints one line of JSON a file: {"file", "kind", "packages", "files", "errors"}.
"""

import json
import sys

import in_toto_attestation.predicates.provenance.v1.provenance_pb2 as provenance
import in_toto_attestation.v1.statement_pb2 as pb
from google.protobuf import json_format
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from packageurl import PackageURL
from spdx_tools.spdx.parser.error import SPDXParsingError
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document


def spdx(file):
    """SPDX's own library parses and validates; package URLs have to be canonical."""
    try:
        document = parse_file(file)
    except SPDXParsingError as error:
        return {"kind": "spdx", "errors": error.get_messages()}
    errors = [m.validation_message for m in validate_full_spdx_document(document, "SPDX-2.3")]
    for package in document.packages:
        for ref in package.external_references:
            try:
                again = PackageURL.from_string(ref.locator).to_string()
            except ValueError as error:
                errors.append(f"{ref.locator}: {error}")
                continue
            if again != ref.locator:
                errors.append(f"{ref.locator}: the canonical form is {again}")
    return {"kind": "spdx", "packages": len(document.packages), "files": len(document.files), "errors": errors}


def statement(content):
    """in-toto's messages know each field: any other, or one of another type, is an error."""
    try:
        parsed = Statement.copy_from_pb(json_format.ParseDict(content, pb.Statement()))
        parsed.validate()
        predicate = json_format.ParseDict(content["predicate"], provenance.Provenance())
        definition = predicate.build_definition
        if not definition.build_type or not definition.external_parameters or not predicate.run_details.builder.id:
            raise ValueError("SLSA requires buildType, externalParameters and a builder's id")
        for resource in definition.resolved_dependencies:
            ResourceDescriptor.copy_from_pb(resource).validate()
    except (KeyError, ValueError, json_format.Error) as error:
        return {"kind": "statement", "errors": [str(error)]}
    return {"kind": "statement", "packages": len(definition.resolved_dependencies), "errors": []}


for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as f:
        loaded = json.load(f)
    print(json.dumps({"file": name} | (statement(loaded) if "_type" in loaded else spdx(name))))
