//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseDeploy

/// `lakebase deploy schema`.
struct DeploySchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of deployment.yaml, for editors.",
        discussion: """
            EXAMPLES
              lakebase deploy schema > deployment.schema.json

            Then make this the first line of deployment.yaml:

              # yaml-language-server: $schema=deployment.schema.json

            Exit status: 0.
            """
    )

    func run() throws { try Terminal.deliver(bytes: Array(DeploymentShape.jsonSchema().utf8)) }
}
