// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "starter-app",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "starter-app", targets: ["App"])],
    dependencies: [
        .package(name: "lakebase-swift", path: "../.."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: [
        .executableTarget(
            name: "App",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Lakebase", package: "lakebase-swift"),
                .product(name: "LakebaseSchema", package: "lakebase-swift"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "AppTests",
            dependencies: [
                "App",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Lakebase", package: "lakebase-swift"),
                .product(name: "LakebaseLocal", package: "lakebase-swift"),
                .product(name: "LakebaseSchema", package: "lakebase-swift"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
