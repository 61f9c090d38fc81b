//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LocalPostgres

@Suite("Extensions") struct ExtensionControlTests {
    @Test(
        arguments: [
            ("default_version = '1.2'\ntrusted = true", "1.2", true), ("trusted=on # as installed", nil, true),
            ("TRUSTED true", nil, true), ("  default_version '0''6'\r\ntrusted = false", "0'6", false),
            ("# trusted = true", nil, false), ("trusted = true\ntrusted = off", nil, false), ("", nil, false),
            ("=", nil, false),
        ] as [(String, String?, Bool)])
    func `a control file is read as PostgreSQL reads it`(text: String, version: String?, trusted: Bool) {
        let control = ExtensionControl(text)
        #expect(control.defaultVersion == version && control.isTrusted == trusted)
    }

    @Test func `a control file keeps everything but its word on trust`() {
        let text = "comment = 'a'\nsuperuser = true\ntrusted = false\nrequires = 'cube'"
        let changed = ExtensionControl.trusting(text)
        #expect(changed.hasPrefix("comment = 'a'\nsuperuser = true\nrequires = 'cube'\n"))
        #expect(ExtensionControl(changed).isTrusted)
    }

    @Test func `only main control files name an extension`() {
        #expect(PostgresInstallation.extensionName(ofControl: "uuid-ossp.control") == "uuid-ossp")
        for name in ["postgis--3.control", "vector.sql", "control", "vector.control.bak"] {
            #expect(PostgresInstallation.extensionName(ofControl: name) == nil, "\(name)")
        }
    }

    @Test func `nothing that reaches the machine or its network is taken as trusted`() {
        let machine = [
            "adminpack", "amcheck", "dblink", "file_fdw", "old_snapshot", "pageinspect", "pg_surgery", "pg_walinspect",
            "plperlu", "plpython3u", "pltclu", "postgres_fdw", "sslinfo",
        ]
        #expect(ServiceExtension.trusted.isDisjoint(with: machine))
        let names = ServiceExtension.all.map(\.name)
        #expect(Set(names).count == names.count && names == names.sorted())
    }
}
