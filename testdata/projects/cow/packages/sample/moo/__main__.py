import sys

import cowsay


def main(event, context):
    name = event.get("name", "stranger")
    print(f"a cow greets {name}")
    print(f"version {context.function_version}", file=sys.stderr)
    return {"body": cowsay.get_output_string("cow", f"Hello {name} from Python!") + "\n"}
