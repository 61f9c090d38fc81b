//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AppManifest
import StrictYAML

extension DeploymentReader {
    mutating func app(_ value: YAMLValue) -> DeploymentApp? {
        let source = self.source(value)
        let env = (value["env"]?.entries ?? []).compactMap { self.variable($0) }
        guard let name = value["name"]?.text, let source else { return nil }
        return DeploymentApp(name: name, description: value["description"]?.text, source: source, env: env)
    }

    private mutating func source(_ value: YAMLValue) -> DeploymentApp.Source? {
        if let swift = value["swift"] {
            for entry in value.entries where entry.key == "source" || entry.key == "command" {
                self.checker.report(
                    "'\(entry.key)' does not go with 'swift', which says what is uploaded and started", at: entry.place)
            }
            guard let product = swift["product"]?.text else { return nil }
            return .swift(
                DeploymentApp.SwiftProduct(
                    product: product, package: FolderPath.resolved(swift["package"]?.text ?? ".", in: self.folder),
                    arguments: (swift["arguments"]?.items ?? []).compactMap(\.text)))
        }
        let command = value["command"].map { AppManifest.command($0, &self.checker) }
        guard let path = value["source"] else { return .folder(path: self.folder, command: command) }
        return self.inside(path).map { .folder(path: $0, command: command) }
    }

    private mutating func variable(_ entry: YAMLEntry) -> AppManifest.Variable? {
        if let owner = DeploymentShape.owner(ofVariable: entry.key) {
            self.checker.report("'\(entry.key)' \(owner)", at: entry.place)
        }
        if let key = entry.value["valueFrom"]?.text { return AppManifest.Variable(entry.key, .valueFrom(key)) }
        return entry.value.text.map { AppManifest.Variable(entry.key, .value($0)) }
    }
}
