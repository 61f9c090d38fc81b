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
                "Settings of every environment. The settings of an environment are merged over them: mappings key by key, "
                    + "other values as a whole."),
            YAMLKey(
                "environments", .named(Self.environmentName, .object(Self.environment)), isRequired: true,
                "The environments, by name."),
        ])

    /// An environment.
    public static let environment = YAMLObject(
        "an environment",
        [
            YAMLKey(
                "profile", .text(YAMLTextRule("the name of a profile", length: 1...256)),
                "The profile of ~/.databrickscfg for the workspace. The option `--profile` overrides it."),
            YAMLKey("app", .object(Self.app), isRequired: true, "The app."),
            YAMLKey(
                "lakebase", .variants(key: "generation", Self.generations), isRequired: true, "The database of the app."
            ),
            YAMLKey(
                "migrations", .either([.text(Self.folder), .object(Self.migrations)]),
                "The folder of the migrations, which run before the app starts, or a mapping with folder and owner."
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
            YAMLKey("name", .text(Self.appName), isRequired: true, "The name of the app in the workspace."),
            YAMLKey(
                "description", .text(YAMLTextRule("a description", length: 0...1024)),
                "A description of the app. Default: the existing description stays."),
            YAMLKey(
                "source", .text(Self.folder),
                "The folder to upload, relative to the folder of this file. Default: the folder of this file."),
            YAMLKey(
                "command", AppManifest.commandShape,
                "The command that starts the app: a list, or a line that is split at spaces outside quotes. It is not run by a "
                    + "shell, and only $DATABRICKS_APP_PORT is expanded. Default: the platform's own choice."),
            YAMLKey("swift", .object(Self.swift), "A Swift app, instead of source and command."),
            YAMLKey(
                "env",
                .named(
                    AppManifest.variableName, .either([.object(Self.variable), .anyScalar(AppManifest.variableValue)])),
                "The environment variables of the app, by name: a value, or a mapping with valueFrom."),
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
                isRequired: true, "The executable product to build, package and start."),
            YAMLKey(
                "package", .text(Self.packageFolder),
                "The folder of the package, relative to the folder of this file; it may be outside of it. Default: the folder of this file."
            ),
            YAMLKey(
                "arguments", .list(.anyScalar(YAMLTextRule("an argument", length: 0...65536))),
                "The arguments of the program."),
        ])

    static let variable = YAMLObject(
        "a variable",
        [
            YAMLKey(
                "valueFrom", .text(AppManifest.resourceKey), isRequired: true,
                "The key of the app's resource whose value the variable gets.")
        ])

    static let migrations = YAMLObject(
        "migrations",
        [
            YAMLKey("folder", .text(Self.folder), isRequired: true, "The folder, relative to the folder of this file."),
            YAMLKey(
                "owner", .text(Self.roleName),
                "The role that owns the objects that migrations create. Default: the role that deploys."),
        ])
}
