//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import StrictYAML

extension DeploymentShape {
    /// The keys of `deployment.yaml` in Markdown, as they are in the page of the documentation.
    static func page() -> String {
        var text = ""
        text += self.section("deployment.yaml", self.file.keys)
        text += self.section("An environment", self.environment.keys)
        text += self.section("app", self.app.keys)
        text += self.section("app.swift", self.swift.keys)
        text += self.section("A variable of app.env", self.variable.keys)
        for variant in self.generations {
            let generation = YAMLKey(
                "generation", .choice([variant.value]), isRequired: true, self.generations.summary("generation"))
            text += self.section("lakebase of generation \(variant.value)", [generation] + variant.object.keys)
        }
        text += self.section("lakebase.branch_from", self.origin.keys)
        text += self.section("A permission", self.permission.keys)
        text += "\nExactly one of \(Self.list(self.permission.exactlyOne)) has to be there.\n"
        text += self.section("Privileges", self.privileges.keys)
        text += self.section("migrations", self.migrations.keys)
        return text
    }

    private static func section(_ title: String, _ keys: [YAMLKey]) -> String {
        var text = "\n### \(title)\n\n| key | value | |\n| --- | --- | --- |\n"
        for key in keys {
            let name = key.isRequired ? "`\(key.name)`, required" : "`\(key.name)`"
            text += "| \(name) | \(Self.value(key.shape)) | \(Self.cell(key.summary)) |\n"
        }
        return text
    }

    private static func value(_ shape: YAMLShape) -> String {
        switch shape {
        case .text(let rule), .anyScalar(let rule):
            let words = [rule.what, rule.words].filter { !$0.isEmpty }.joined(separator: ": ")
            let length = rule.length.upperBound <= 256 ? "; \(Self.length(rule.length)) characters" : ""
            return Self.cell(words + length)
        case .boolean: return "`true` or `false`"
        case .number(let range):
            return "a number from \(Self.number(range.lowerBound)) to \(Self.number(range.upperBound))"
        case .choice(let words): return Self.list(words)
        case .list(let shape): return "a list: \(Self.value(shape))"
        case .named(let rule, let shape): return "a mapping; \(rule.what): \(Self.value(shape))"
        case .object(let object): return "a mapping: \(Self.list(object.keys.map(\.name)))"
        case .variants: return "a mapping"
        case .either(let shapes): return shapes.map(Self.value).joined(separator: "; or ")
        }
    }

    private static func list(_ words: [String]) -> String { words.map { "`\($0)`" }.joined(separator: ", ") }

    private static func length(_ range: ClosedRange<Int>) -> String {
        range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }

    private static func number(_ number: Double) -> String {
        number == number.rounded() ? "\(Int(number))" : "\(number)"
    }

    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
