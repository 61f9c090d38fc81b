//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Secrets
import Testing

@testable import AsyncPQ

private typealias Configuration = PQConnection.Configuration

private func read(_ text: String) throws -> Configuration { try Configuration(connectionString: Secret(text)) }

@Test(arguments: [
    "user= password=hunter2", "host=db user= password=hunter2 dbname=x", "host= user=hunter2",
    "user=a dbname= password=hunter2",
    "user=a password= sslmode=hunter2",
])
func `a forgotten value is not filled with the next parameter, which may be the password`(text: String) throws {
    let error = try #require(throws: PQError.self) { try read(text) }
    #expect(error.code == .invalidConfiguration)
    #expect(!"\(error)".contains("hunter2"))
    #expect("\(error)".contains("no value"))
}

@Test(arguments: [
    "postgresql://ada@db/notes?password=user%3Dx", "user=ada password='x user=y'", "user=ada password=a=b",
])
func `a value that only contains an equals sign is a value`(text: String) throws {
    #expect(try read(text).username == "ada")
}

@Test func `hostaddr is where to connect and host what the certificate names`() async throws {
    let configuration = try read("host=no-such-host.invalid hostaddr=127.0.0.1 user=ada")
    #expect(configuration.host == "no-such-host.invalid")
    #expect(configuration.hostAddress == "127.0.0.1")
    #expect(try read("hostaddr=127.0.0.1 user=ada").host == "127.0.0.1")
    // The name cannot be looked up: the server is reached by the address.
    try await withConnection(to: .tcp) {
        $0.hostAddress = "127.0.0.1"
        $0.host = "no-such-host.invalid"
        $0.tls = .require
    } _: { connection in
        let one = try await connection.cell("SELECT 1", as: Int.self)
        #expect(one == 1)
    }
}

@Test(arguments: ["\n", "\r\n", "\n\n"])
func `a line break at the end is the file's and not the database's`(end: String) throws {
    #expect(try read("postgresql://ada@db/notes" + end).database == "notes")
    #expect(try read("host=db user=ada dbname=notes" + end).database == "notes")
}

@Test(arguments: [
    ("postgresql://ada:hunter2@db/notes?pgbouncer=true", "pgbouncer"),
    ("postgresql://ada:hunter2@db/notes?schema=app", "search_path"),
    ("postgresql://ada:hunter2@db/notes?replication=database", "replication"),
    ("postgresql://ada:hunter2@db/notes?client_encoding=LATIN1", "UTF-8"),
    ("postgresql://ada:hunter2@db1,db2:1/notes?target_session_attrs=writable", "target_session_attrs"),
    ("postgresql://ada:hunter2@db1,db2/notes?port=1,2,3", "3 ports for 2 hosts"),
    ("host=db1,db2 hostaddr=10.0.0.1 user=ada password=hunter2", "2 host names and 1 host addresses"),
    ("host=db user=ada password=hunter2 load_balance_hosts=round-robin", "load_balance_hosts"),
    ("host=db user=ada password=hunter2 sslrootcert=system sslmode=require", "verify-full"),
])
func `what is not supported is named with its remedy, and the password is not`(text: String, word: String) throws {
    let error = try #require(throws: PQError.self) { try read(text) }
    #expect("\(error)".contains(word), "\(error)")
    #expect(!"\(error)".contains("percent-encoded"))
    #expect(!"\(error)".contains("hunter2"))
}
