//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AppManifest
import LakebaseSchema
public import StrictYAML

/// The table of keys of `deployment.yaml`: what is read, `deployment.schema.json` and the page of the documentation are made from it.
public enum DeploymentShape {
    /// The file.
    public static let file = YAMLObject(
        "deployment.yaml",
        [
            YAMLKey(
                "defaults", .object(Self.partial),
                "What every environment has that does not say otherwise: mappings are put together key by key, anything else "
                    + "is replaced."),
            YAMLKey(
                "environments", .named(Self.environmentName, .object(Self.environment)), isRequired: true,
                "The environments by name."),
        ])

    /// An environment.
    public static let environment = YAMLObject(
        "an environment",
        [
            YAMLKey(
                "profile", .text(YAMLTextRule("the name of a profile", length: 1...256)),
                "The profile of ~/.databrickscfg for the workspace; `--profile` goes before it."),
            YAMLKey("app", .object(Self.app), isRequired: true, "The app."),
            YAMLKey(
                "lakebase", .variants(key: "generation", Self.generations), isRequired: true, "The database of the app."
            ),
            YAMLKey(
                "migrations", .either([.text(Self.folder), .object(Self.migrations)]),
                "The folder of migrations, which are run before the app is started; or a mapping with folder and owner."
            ),
        ])

    /// An environment without required keys; it is checked after it was merged with the environment that has the others.
    private static let partial = YAMLObject(
        "defaults",
        Self.environment.keys.map {
            YAMLKey($0.name, $0.shape, isRequired: false, $0.summary)
        })

    static let app = YAMLObject(
        "an app",
        [
            YAMLKey("name", .text(Self.appName), isRequired: true, "Its name in the workspace."),
            YAMLKey(
                "description", .text(YAMLTextRule("a description", length: 0...1024)),
                "What it is, for people. Left out: what is there stays."),
            YAMLKey(
                "source", .text(Self.folder),
                "The folder that is uploaded, from the file's own folder. Left out: the file's own folder."),
            YAMLKey(
                "command", AppManifest.commandShape,
                "What is started, a list, or a line that is split at spaces outside quotes. No shell reads it, and only "
                    + "$DATABRICKS_APP_PORT is expanded. Left out: what the platform starts by itself."),
            YAMLKey("swift", .object(Self.swift), "A Swift app, in place of source and command."),
            YAMLKey(
                "env",
                .named(
                    AppManifest.variableName, .either([.object(Self.variable), .anyScalar(AppManifest.variableValue)])),
                "Variables of the process by name: a value, or a mapping with valueFrom."),
        ])

    static let swift = YAMLObject(
        "a Swift app",
        [
            YAMLKey(
                "product",
                .text(
                    YAMLTextRule(
                        "the name of a product", pattern: "[A-Za-z0-9_][A-Za-z0-9_.-]*",
                        words: "letters, digits, underscores, dots and hyphens", length: 1...128)),
                isRequired: true, "The executable product that is built, packed and started."),
            YAMLKey(
                "package", .text(Self.packageFolder),
                "The folder of the package, from the file's own folder; it may be outside of it. Left out: the file's own folder."
            ),
            YAMLKey(
                "arguments", .list(.anyScalar(YAMLTextRule("an argument", length: 0...65536))),
                "What the program is started with."),
        ])

    static let variable = YAMLObject(
        "a variable",
        [
            YAMLKey(
                "valueFrom", .text(AppManifest.resourceKey), isRequired: true,
                "The key of a resource of the app whose value it gets.")
        ])

    static let migrations = YAMLObject(
        "migrations",
        [
            YAMLKey("folder", .text(Self.folder), isRequired: true, "The folder, from the file's own folder."),
            YAMLKey(
                "owner", .text(Self.roleName),
                "The role that owns what they create. Left out: the role that deploys."),
        ])
}
