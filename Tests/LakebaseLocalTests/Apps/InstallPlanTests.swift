//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import LakebaseLocal

@Suite("What is installed for an app") struct InstallPlanTests {
    private func plan(_ files: [String: String]) throws -> InstallPlan {
        let folder = FileManager.default.temporaryDirectory.path + "/lakebase-plan.\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, text) in files { try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
        return InstallPlan(source: folder)
    }

    @Test func `files say it as on the platform`() throws {
        #expect(try self.plan([:]).node == nil && self.plan([:]).python == nil)
        #expect(try self.plan(["requirements.txt": "# none\n\n"]).python == nil)
        let both = try self.plan([
            "requirements.txt": "flask\npsycopg[binary,pool]\ndatabricks-sdk>=0.81.0 ; python_version > '3'\n",
            "pyproject.toml": "", "uv.lock": "", "package.json": #"{"scripts": {"build": "vite build"}}"#,
        ])
        #expect(both.python == .requirements(isSelfContained: true) && both.node == .init(builds: true))
        #expect(try self.plan(["pyproject.toml": "", "uv.lock": ""]).python == .lock)
        #expect(try self.plan(["pyproject.toml": ""]).python == nil)
        #expect(try self.plan(["package.json": "{"]).node == .init(builds: false))
    }

    @Test(arguments: [
        ("flask", true), ("flask==3.0 # see docs/a.md", true), ("a @ https://example.com/a/b", true),
        ("./a.whl", false),
        ("-r base.txt", false), ("--find-links wheels", false), ("wheels/a.whl", false), ("a.whl", false),
        ("a @ file:///tmp/a", false), ("-e .", false),
    ]) func `a requirement that names a file depends on it`(line: String, isSelfContained: Bool) {
        #expect(InstallPlan.isSelfContained(line) == isSelfContained)
    }

    @Test func `installers get the way out and no credentials of the workspace`() {
        let environment = AppInstaller.environment(of: [
            "HOME": "/home/u", "PIP_INDEX_URL": "https://i", "https_proxy": "p", "DATABRICKS_TOKEN": "t",
            "PGPASSWORD": "p",
            "AWS_SECRET_ACCESS_KEY": "s",
        ])
        #expect(environment["HOME"] == "/home/u" && environment["PIP_INDEX_URL"] == "https://i")
        #expect(environment["https_proxy"] == "p" && environment["PATH"] != nil)
        #expect(
            !environment.keys.contains { ["DATABRICKS_TOKEN", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY"].contains($0) })
        #expect(AppInstaller.standardCache(["LAKEBASE_CACHE_DIR": "/c", "HOME": "/h"]) == "/c")
        #expect(AppInstaller.standardCache(["XDG_CACHE_HOME": "/x", "HOME": "/h"]) == "/x/lakebase")
        #expect(AppInstaller.standardCache(["XDG_CACHE_HOME": "relative"]) == nil)
    }
}
