//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import StrictYAML
import Yams

extension AppManifest {
    /// The text of `app.yaml`, which reads back as this manifest.
    ///
    /// Every text of a user is in double quotes, so that no reader of YAML 1.1 takes `no` for a boolean or `1:20` for a
    /// number.
    ///
    /// - Throws: If the manifest contains what `app.yaml` cannot: a null character, or an invalid name.
    public func yaml() throws -> String {
        var pairs: [(Node, Node)] = []
        if let command = self.command {
            pairs.append((Self.key("command"), Node(command.map(Self.text), .implicit, .block)))
        }
        if !self.env.isEmpty {
            let variables = self.env.map { variable in
                let source =
                    switch variable.source {
                    case .value(let value): (Self.key("value"), Self.text(value))
                    case .valueFrom(let key): (Self.key("valueFrom"), Self.text(key))
                    }
                return Node([(Self.key("name"), Self.text(variable.name)), source], .implicit, .block)
            }
            pairs.append((Self.key("env"), Node(variables, .implicit, .block)))
        }
        if pairs.isEmpty { return "{}\n" }
        let text = try Yams.serialize(
            node: Node(pairs, .implicit, .block), indent: 2, width: -1, allowUnicode: true)
        let back = try Self.read(Array(text.utf8), file: "app.yaml").manifest
        guard back == self else {
            throw YAMLFileError(
                file: "app.yaml",
                problems: [YAMLProblem(.value, at: .start, "a text of it cannot be written in YAML without loss")])
        }
        return text
    }

    private static func key(_ name: String) -> Node { Node(name, .implicit, .plain) }

    private static func text(_ text: String) -> Node { Node(text, Tag(.str), .doubleQuoted) }
}
