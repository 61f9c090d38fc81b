//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import StrictYAML

extension AppManifest {
    /// The shape of a valid `app.yaml`.
    public static let shape = YAMLShape.object(
        YAMLObject(
            "app.yaml",
            [
                YAMLKey("command", Self.commandShape, "The program and its arguments."),
                YAMLKey("env", Self.environmentShape, "Variables of the process."),
            ]))

    /// The shape of `env`.
    static let environmentShape = YAMLShape.list(.object(Self.variableShape))

    /// The shape of `command`: a list, or a line that is split at spaces outside quotes.
    public static let commandShape = YAMLShape.either([
        .list(.anyScalar(YAMLTextRule("an argument", length: 0...65536))), .anyScalar(YAMLTextRule("a line")),
    ])

    /// The rule for names of variables.
    public static let variableName = YAMLTextRule(
        "the name of a variable", pattern: "[A-Za-z_][A-Za-z0-9_]*",
        words: "letters, digits and underscores, and no digit at the beginning", length: 1...256)

    /// The rule for values of variables.
    public static let variableValue = YAMLTextRule("the value of a variable", length: 0...65536)

    /// The rule for keys of resources.
    public static let resourceKey = YAMLTextRule(
        "the key of a resource", pattern: "[A-Za-z0-9_-]+", words: "letters, digits, hyphens and underscores",
        length: 1...128)

    private static let variableShape = YAMLObject(
        "a variable",
        [
            YAMLKey("name", .text(Self.variableName), isRequired: true, "The name of the variable."),
            YAMLKey("value", .anyScalar(Self.variableValue), "The value, as it is written."),
            YAMLKey("valueFrom", .text(Self.resourceKey), "The key of the resource whose value it gets."),
        ], exactlyOne: ["value", "valueFrom"])
}
