// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "lakebase-swift",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Lakebase", targets: ["Lakebase"]),
        .library(name: "LakebaseHummingbird", targets: ["LakebaseHummingbird"]),
        .library(name: "LakebaseSchema", targets: ["LakebaseSchema"]),
        .library(name: "LakebaseDeploy", targets: ["LakebaseDeploy"]),
        .library(name: "AsyncPQ", targets: ["AsyncPQ"]),
        .library(name: "AsyncPQPool", targets: ["AsyncPQPool"]),
        .library(name: "Databricks", targets: ["Databricks"]),
        .library(name: "PostgresGateway", targets: ["PostgresGateway"]),
        .library(name: "LakebaseLocal", targets: ["LakebaseLocal"]),
        .executable(name: "lakebase", targets: ["LakebaseCLI"]),
        .executable(name: "notes", targets: ["Notes"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.0", traits: ["JSON"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.0.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // libpq and nothing else.
        .systemLibrary(
            name: "CLibpq",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"]), .brew(["libpq"])]
        ),

        // What Linux has and Swift's Glibc module leaves out: epoll, eventfd, syncfs. Empty elsewhere.
        .systemLibrary(name: "CLinux"),

        // A password or token that cannot be printed. Used by every layer that touches one.
        .target(name: "Secrets"),

        // Text as its bytes: comparing, splitting and searching without Unicode's equivalence.
        .target(name: "ExactText"),

        // The SHA-256 of bytes, texts and files.
        .target(
            name: "Digests",
            dependencies: ["ExactText", "Secrets", .product(name: "Crypto", package: "swift-crypto")]
        ),

        // The shape that errors for people have in common.
        .target(name: "ExplainedErrors"),

        // Times and durations that never overflow.
        .target(name: "BoundedTime"),

        // PostgreSQL's lexical structure: the one tokenizer of SQL.
        .target(name: "SQLTokens"),

        // Runs another program to its end, and ends it with its task.
        .target(
            name: "ProgramLauncher",
            dependencies: [
                .target(name: "CLinux", condition: .when(platforms: [.linux])),
                "ExactText",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),

        // libpq with async/await. Knows nothing of Databricks.
        .target(
            name: "AsyncPQ",
            dependencies: [
                "BoundedTime",
                "ExactText",
                "SQLTokens",
                .target(name: "CLinux", condition: .when(platforms: [.linux])),
                "CLibpq",
                "Secrets",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // A pool for any Postgres. Connects through a hook, and tells a delegate what it does.
        .target(
            name: "AsyncPQPool",
            dependencies: [
                "AsyncPQ",
                "BoundedTime",
                "ExactText",
                "Secrets",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),

        // The workspace: configuration, credentials, and the REST APIs with their models.
        .target(
            name: "Databricks",
            dependencies: [
                "BoundedTime",
                "Digests",
                "ExactText",
                "ProgramLauncher",
                "SQLTokens",
                "Secrets",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),

        // What an application imports.
        .target(
            name: "Lakebase",
            dependencies: [
                "BoundedTime",
                "ExactText",
                "ExplainedErrors",
                "SQLTokens",
                "AsyncPQ",
                "AsyncPQPool",
                "Databricks",
                "Secrets",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),

        // Who sent a request, for apps on Hummingbird.
        .target(
            name: "LakebaseHummingbird",
            dependencies: [
                "ExactText",
                "Lakebase",
                "Secrets",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ]
        ),

        // Migrations, roles and grants.
        .target(
            name: "LakebaseSchema",
            dependencies: [
                "Digests",
                "ExactText",
                "ExplainedErrors",
                "SQLTokens",
                "AsyncPQ",
                "Databricks",
                "Lakebase",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // YAML that says where everything stands, and what is wrong with it.
        .target(name: "StrictYAML", dependencies: [.product(name: "Yams", package: "Yams")]),

        // app.yaml.
        .target(
            name: "AppManifest", dependencies: ["ExactText", "StrictYAML", .product(name: "Yams", package: "Yams")]),

        // deployment.yaml, and the plan from there to a running app.
        .target(
            name: "LakebaseDeploy",
            dependencies: [
                "Digests",
                "ExactText",
                "ExplainedErrors",
                "AppManifest",
                "AsyncPQ",
                "Databricks",
                "Lakebase",
                "LakebaseSchema",
                "ProgramLauncher",
                "Secrets",
                "StrictYAML",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // What `lakebase doctor` finds out: the whole way to the database, step by step.
        .target(
            name: "LakebaseDoctor",
            dependencies: [
                "ExactText",
                "AsyncPQ",
                "Databricks",
                "Lakebase",
                "Secrets",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ]
        ),

        // The server side of a Postgres login, then a byte relay.
        .target(
            name: "PostgresGateway",
            dependencies: [
                "ExactText",
                "Secrets",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),

        // What the two halves of a local Lakebase share: its error, its conventions, work on files.
        .target(name: "LocalGround", dependencies: ["Secrets"]),

        // PostgreSQL on this machine: installations, clusters and copies of them, servers. Knows no workspace and no HTTP.
        .target(
            name: "LocalPostgres",
            dependencies: [
                "Digests",
                "ExactText",
                "LocalGround",
                "ProgramLauncher",
                "SQLTokens",
                .target(name: "CLinux", condition: .when(platforms: [.linux])),
                "AsyncPQ",
                "Secrets",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // The workspace as data: records, rules, operations, the store. No process and no socket.
        .target(
            name: "LocalWorkspace",
            dependencies: [
                "Databricks",
                "ExactText",
                "LocalGround",
                "Secrets",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),

        // Lakebase on one machine.
        .target(
            name: "LakebaseLocal",
            dependencies: [
                "Digests",
                "ExactText",
                .target(name: "CLinux", condition: .when(platforms: [.linux])),
                "AppManifest",
                "AsyncPQ",
                "Databricks",
                "LocalGround",
                "LocalPostgres",
                "LocalWorkspace",
                "PostgresGateway",
                "ProgramLauncher",
                "Secrets",
                "StrictYAML",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ]
        ),

        // The files of Examples/Starter as bytes. SwiftPM leaves files with a dot out of a folder, so these two are named.
        .target(
            name: "StarterFiles",
            path: "Examples",
            exclude: ["Notes"],
            sources: ["StarterFiles"],
            resources: [
                .embedInCode("Starter"), .embedInCode("Starter/.env.example"), .embedInCode("Starter/.gitignore"),
            ]
        ),

        // The `lakebase` command.
        .executableTarget(
            name: "LakebaseCLI",
            dependencies: [
                "ExactText",
                "ExplainedErrors",
                "SQLTokens",
                "AppManifest",
                "AsyncPQ",
                "Databricks",
                "Lakebase",
                "LakebaseDeploy",
                "LakebaseDoctor",
                "LakebaseLocal",
                "LakebaseSchema",
                "ProgramLauncher",
                "Secrets",
                "StarterFiles",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),

        .executableTarget(
            name: "Notes",
            dependencies: [
                "Lakebase",
                "LakebaseHummingbird",
                "LakebaseSchema",
                "Secrets",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Examples/Notes",
            exclude: ["deployment.yaml"],
            resources: [.copy("Migrations"), .copy("Templates")]
        ),

        // What `lakebase init` writes. Here its target has a name that no app has: names of targets are unique in a graph.
        .executableTarget(
            name: "LakebaseStarter",
            dependencies: [
                "Lakebase",
                "LakebaseSchema",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Examples/Starter/Sources/App"
        ),

        // What the benchmarks share: the server, programs, tables of results.
        .target(
            name: "BenchmarkSupport",
            dependencies: [
                "AsyncPQ",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Benchmarks/Support"
        ),

        // Built in a minute, since nothing but AsyncPQ and its pool is built with it.
        .executableTarget(
            name: "AsyncPQBenchmarks",
            dependencies: [
                "AsyncPQ",
                "AsyncPQPool",
                "BenchmarkSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/AsyncPQ"
        ),

        .executableTarget(
            name: "LakebaseBenchmarks",
            dependencies: [
                "AsyncPQ",
                "BenchmarkSupport",
                "Databricks",
                "Lakebase",
                "LakebaseLocal",
                "LocalGround",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            path: "Benchmarks/Lakebase"
        ),

        // The web server that `script/bench http` measures.
        .executableTarget(
            name: "HTTPBenchmark",
            dependencies: [
                "AsyncPQ",
                "AsyncPQPool",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Benchmarks/HTTP"
        ),

        // What several test targets use.
        .target(
            name: "TestSupport",
            dependencies: [
                "AsyncPQ",
                "AsyncPQPool",
                "Secrets",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/TestSupport"
        ),

        .testTarget(
            name: "LakebaseStarterTests",
            dependencies: [
                "LakebaseStarter",
                "Lakebase",
                "LakebaseLocal",
                "LakebaseSchema",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Examples/Starter/Tests/AppTests"
        ),

        .testTarget(name: "SecretsTests", dependencies: ["Secrets"]),
        .testTarget(name: "DigestsTests", dependencies: ["Digests", "Secrets"]),
        .testTarget(name: "ExactTextTests", dependencies: ["ExactText", "TestSupport"]),
        .testTarget(name: "SQLTokensTests", dependencies: ["SQLTokens", "TestSupport"]),
        .testTarget(name: "ProgramLauncherTests", dependencies: ["ProgramLauncher"]),
        .testTarget(
            name: "AsyncPQTests",
            dependencies: [
                "BoundedTime", "ExactText", "SQLTokens", "AsyncPQ", "AsyncPQPool", "CLibpq", "Secrets", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "AsyncPQPoolTests",
            dependencies: [
                "AsyncPQ", "AsyncPQPool", "Secrets", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "DatabricksTests",
            dependencies: [
                "Databricks",
                "Secrets",
                "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ]
        ),
        .testTarget(
            name: "LakebaseTests",
            dependencies: [
                "AsyncPQ",
                "AsyncPQPool",
                "Databricks",
                "Lakebase",
                "Secrets",
                "TestSupport",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
        .testTarget(
            name: "LakebaseHummingbirdTests",
            dependencies: [
                "AsyncPQ",
                "Lakebase",
                "LakebaseHummingbird",
                "Secrets",
                "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "LakebaseSchemaTests",
            dependencies: [
                "ExplainedErrors",
                "SQLTokens",
                "AsyncPQ",
                "Databricks",
                "Lakebase",
                "LakebaseLocal",
                "LakebaseSchema",
                "Secrets",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(name: "StrictYAMLTests", dependencies: ["AppManifest", "StrictYAML", "TestSupport"]),
        .testTarget(name: "AppManifestTests", dependencies: ["AppManifest", "StrictYAML"]),
        .testTarget(
            name: "LakebaseDeployTests",
            dependencies: [
                "AppManifest",
                "ExactText",
                "ExplainedErrors",
                "AsyncPQ",
                "Databricks",
                "Lakebase",
                "LakebaseDeploy",
                "LakebaseLocal",
                "LakebaseSchema",
                "Secrets",
                "StrictYAML",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "LakebaseDoctorTests",
            dependencies: ["AsyncPQ", "Databricks", "Lakebase", "LakebaseDoctor"]
        ),
        .testTarget(
            name: "PostgresGatewayTests",
            dependencies: [
                "PostgresGateway",
                "Secrets",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .testTarget(
            name: "LocalPostgresTests",
            dependencies: [
                "AsyncPQ", "ExactText", "LocalGround", "LocalPostgres", "ProgramLauncher", "Secrets", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "LocalWorkspaceTests", dependencies: ["Databricks", "LocalGround", "LocalWorkspace", "Secrets"]),
        .testTarget(
            name: "LakebaseLocalTests",
            dependencies: [
                "ExactText",
                "AppManifest",
                "Databricks",
                "LakebaseLocal",
                "LocalPostgres",
                "LocalWorkspace",
                "PostgresGateway",
                "ProgramLauncher",
                "Secrets",
                "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ]
        ),
        // The commands as processes.
        .testTarget(
            name: "LakebaseCLITests",
            dependencies: [
                "AppManifest",
                "AsyncPQ",
                "Databricks",
                "Lakebase",
                "LakebaseCLI",
                "LakebaseDeploy",
                "LakebaseLocal",
                "LakebaseSchema",
                "LocalPostgres",
                "Notes",
                "Secrets",
                "StarterFiles",
                "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        // The whole way on a real local Lakebase: configuration, mint, login, query, expiry, sleep, wake, restart.
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "AsyncPQ",
                "Databricks",
                "Lakebase",
                "LakebaseDoctor",
                "LakebaseLocal",
                "LocalPostgres",
                "ProgramLauncher",
                "Secrets",
                "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
    ]
)

// script/run and script/test set this: with the compiler this is written for, a warning in our own targets is an error.
#if compiler(<6.4)
let strictSettings: [SwiftSetting] =
    Context.environment["LAKEBASE_STRICT"] == "1" ? [.treatAllWarnings(as: .error)] : []
#else
let strictSettings: [SwiftSetting] = []
#endif

// One place for every target's settings, but for the starter, which is compiled as it will be in a package of its own.
for target in package.targets
where target.type != .system && target.type != .plugin && target.path?.hasPrefix("Examples/Starter") != true {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .swiftLanguageMode(.v6),
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        ] + strictSettings
}
