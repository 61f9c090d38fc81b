//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LocalPostgres

@Suite("Files of relations") struct RelationFileTests {
    @Test(
        arguments: [
            ("16384", 16384, false, 0), ("16384.1", 16384, false, 1), ("16384_fsm", 16384, false, 0),
            ("16384_vm.2", 16384, false, 2),
            ("16384_init", 16384, true, 0),
        ] as [(String, UInt32, Bool, Int)])
    func `names are taken apart`(name: String, number: UInt32, isInit: Bool, segment: Int) throws {
        let file = try #require(RelationFile(name))
        #expect(file.number == number && file.isInit == isInit && file.segment == segment)
    }

    @Test(arguments: [
        "PG_VERSION", "pg_filenode.map", "t3_16384", "t3_16384_init", "16384_other", "", "_init", "16384_init_1", "1.x",
        "1.",
        "99999999999", "1_init.1.2", "pg_internal.init",
    ]) func `other files are left alone`(name: String) {
        #expect(RelationFile(name) == nil)
    }
}
