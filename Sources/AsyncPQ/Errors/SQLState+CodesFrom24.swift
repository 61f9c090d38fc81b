//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The codes of PostgreSQL's Appendix A from class 24 on ("PostgreSQL Error Codes"), by their condition names.
extension SQLState {
    // MARK: Class 24 - Invalid Cursor State

    /// `24000`.
    public static let invalidCursorState = SQLState("24000")

    // MARK: Class 25 - Invalid Transaction State

    /// `25000`.
    public static let invalidTransactionState = SQLState("25000")
    /// `25001`.
    public static let activeSqlTransaction = SQLState("25001")
    /// `25002`.
    public static let branchTransactionAlreadyActive = SQLState("25002")
    /// `25008`.
    public static let heldCursorRequiresSameIsolationLevel = SQLState("25008")
    /// `25003`.
    public static let inappropriateAccessModeForBranchTransaction = SQLState("25003")
    /// `25004`.
    public static let inappropriateIsolationLevelForBranchTransaction = SQLState("25004")
    /// `25005`.
    public static let noActiveSqlTransactionForBranchTransaction = SQLState("25005")
    /// `25006`.
    public static let readOnlySqlTransaction = SQLState("25006")
    /// `25007`.
    public static let schemaAndDataStatementMixingNotSupported = SQLState("25007")
    /// `25P01`.
    public static let noActiveSqlTransaction = SQLState("25P01")
    /// `25P02`.
    public static let inFailedSqlTransaction = SQLState("25P02")
    /// `25P03`.
    public static let idleInTransactionSessionTimeout = SQLState("25P03")

    // MARK: Class 26 - Invalid SQL Statement Name

    /// `26000`.
    public static let invalidSqlStatementName = SQLState("26000")

    // MARK: Class 27 - Triggered Data Change Violation

    /// `27000`.
    public static let triggeredDataChangeViolation = SQLState("27000")

    // MARK: Class 28 - Invalid Authorization Specification

    /// `28000`.
    public static let invalidAuthorizationSpecification = SQLState("28000")
    /// `28P01`.
    public static let invalidPassword = SQLState("28P01")

    // MARK: Class 2B - Dependent Privilege Descriptors Still Exist

    /// `2B000`.
    public static let dependentPrivilegeDescriptorsStillExist = SQLState("2B000")
    /// `2BP01`.
    public static let dependentObjectsStillExist = SQLState("2BP01")

    // MARK: Class 2D - Invalid Transaction Termination

    /// `2D000`.
    public static let invalidTransactionTermination = SQLState("2D000")

    // MARK: Class 2F - SQL Routine Exception

    /// `2F000`.
    public static let sqlRoutineException = SQLState("2F000")
    /// `2F005`.
    public static let functionExecutedNoReturnStatement = SQLState("2F005")
    /// `2F002`.
    public static let modifyingSqlDataNotPermitted = SQLState("2F002")
    /// `2F003`.
    public static let prohibitedSqlStatementAttempted = SQLState("2F003")
    /// `2F004`.
    public static let readingSqlDataNotPermitted = SQLState("2F004")

    // MARK: Class 34 - Invalid Cursor Name

    /// `34000`.
    public static let invalidCursorName = SQLState("34000")

    // MARK: Class 38 - External Routine Exception

    /// `38000`.
    public static let externalRoutineException = SQLState("38000")
    /// `38001`.
    public static let containingSqlNotPermitted = SQLState("38001")
    /// `38002`.
    public static let eREModifyingSqlDataNotPermitted = SQLState("38002")
    /// `38003`.
    public static let eREProhibitedSqlStatementAttempted = SQLState("38003")
    /// `38004`.
    public static let eREReadingSqlDataNotPermitted = SQLState("38004")

    // MARK: Class 39 - External Routine Invocation Exception

    /// `39000`.
    public static let externalRoutineInvocationException = SQLState("39000")
    /// `39001`.
    public static let invalidSqlstateReturned = SQLState("39001")
    /// `39004`.
    public static let eRIENullValueNotAllowed = SQLState("39004")
    /// `39P01`.
    public static let triggerProtocolViolated = SQLState("39P01")
    /// `39P02`.
    public static let srfProtocolViolated = SQLState("39P02")
    /// `39P03`.
    public static let eventTriggerProtocolViolated = SQLState("39P03")

    // MARK: Class 3B - Savepoint Exception

    /// `3B000`.
    public static let savepointException = SQLState("3B000")
    /// `3B001`.
    public static let invalidSavepointSpecification = SQLState("3B001")

    // MARK: Class 3D - Invalid Catalog Name

    /// `3D000`.
    public static let invalidCatalogName = SQLState("3D000")

    // MARK: Class 3F - Invalid Schema Name

    /// `3F000`.
    public static let invalidSchemaName = SQLState("3F000")

    // MARK: Class 40 - Transaction Rollback

    /// `40000`.
    public static let transactionRollback = SQLState("40000")
    /// `40002`.
    public static let transactionIntegrityConstraintViolation = SQLState("40002")
    /// `40001`.
    public static let serializationFailure = SQLState("40001")
    /// `40003`.
    public static let statementCompletionUnknown = SQLState("40003")
    /// `40P01`.
    public static let deadlockDetected = SQLState("40P01")

    // MARK: Class 42 - Syntax Error or Access Rule Violation

    /// `42000`.
    public static let syntaxErrorOrAccessRuleViolation = SQLState("42000")
    /// `42601`.
    public static let syntaxError = SQLState("42601")
    /// `42501`.
    public static let insufficientPrivilege = SQLState("42501")
    /// `42846`.
    public static let cannotCoerce = SQLState("42846")
    /// `42803`.
    public static let groupingError = SQLState("42803")
    /// `42P20`.
    public static let windowingError = SQLState("42P20")
    /// `42P19`.
    public static let invalidRecursion = SQLState("42P19")
    /// `42830`.
    public static let invalidForeignKey = SQLState("42830")
    /// `42602`.
    public static let invalidName = SQLState("42602")
    /// `42622`.
    public static let nameTooLong = SQLState("42622")
    /// `42939`.
    public static let reservedName = SQLState("42939")
    /// `42804`.
    public static let datatypeMismatch = SQLState("42804")
    /// `42P18`.
    public static let indeterminateDatatype = SQLState("42P18")
    /// `42P21`.
    public static let collationMismatch = SQLState("42P21")
    /// `42P22`.
    public static let indeterminateCollation = SQLState("42P22")
    /// `42809`.
    public static let wrongObjectType = SQLState("42809")
    /// `428C9`.
    public static let generatedAlways = SQLState("428C9")
    /// `42703`.
    public static let undefinedColumn = SQLState("42703")
    /// `34000`.
    public static let undefinedCursor = SQLState("34000")
    /// `3D000`.
    public static let undefinedDatabase = SQLState("3D000")
    /// `42883`.
    public static let undefinedFunction = SQLState("42883")
    /// `26000`.
    public static let undefinedPstatement = SQLState("26000")
    /// `3F000`.
    public static let undefinedSchema = SQLState("3F000")
    /// `42P01`.
    public static let undefinedTable = SQLState("42P01")
    /// `42P02`.
    public static let undefinedParameter = SQLState("42P02")
    /// `42704`.
    public static let undefinedObject = SQLState("42704")
    /// `42701`.
    public static let duplicateColumn = SQLState("42701")
    /// `42P03`.
    public static let duplicateCursor = SQLState("42P03")
    /// `42P04`.
    public static let duplicateDatabase = SQLState("42P04")
    /// `42723`.
    public static let duplicateFunction = SQLState("42723")
    /// `42P05`.
    public static let duplicatePreparedStatement = SQLState("42P05")
    /// `42P06`.
    public static let duplicateSchema = SQLState("42P06")
    /// `42P07`.
    public static let duplicateTable = SQLState("42P07")
    /// `42712`.
    public static let duplicateAlias = SQLState("42712")
    /// `42710`.
    public static let duplicateObject = SQLState("42710")
    /// `42702`.
    public static let ambiguousColumn = SQLState("42702")
    /// `42725`.
    public static let ambiguousFunction = SQLState("42725")
    /// `42P08`.
    public static let ambiguousParameter = SQLState("42P08")
    /// `42P09`.
    public static let ambiguousAlias = SQLState("42P09")
    /// `42P10`.
    public static let invalidColumnReference = SQLState("42P10")
    /// `42611`.
    public static let invalidColumnDefinition = SQLState("42611")
    /// `42P11`.
    public static let invalidCursorDefinition = SQLState("42P11")
    /// `42P12`.
    public static let invalidDatabaseDefinition = SQLState("42P12")
    /// `42P13`.
    public static let invalidFunctionDefinition = SQLState("42P13")
    /// `42P14`.
    public static let invalidPreparedStatementDefinition = SQLState("42P14")
    /// `42P15`.
    public static let invalidSchemaDefinition = SQLState("42P15")
    /// `42P16`.
    public static let invalidTableDefinition = SQLState("42P16")
    /// `42P17`.
    public static let invalidObjectDefinition = SQLState("42P17")

    // MARK: Class 44 - WITH CHECK OPTION Violation

    /// `44000`.
    public static let withCheckOptionViolation = SQLState("44000")

    // MARK: Class 53 - Insufficient Resources

    /// `53000`.
    public static let insufficientResources = SQLState("53000")
    /// `53100`.
    public static let diskFull = SQLState("53100")
    /// `53200`.
    public static let outOfMemory = SQLState("53200")
    /// `53300`.
    public static let tooManyConnections = SQLState("53300")
    /// `53400`.
    public static let configurationLimitExceeded = SQLState("53400")

    // MARK: Class 54 - Program Limit Exceeded

    /// `54000`.
    public static let programLimitExceeded = SQLState("54000")
    /// `54001`.
    public static let statementTooComplex = SQLState("54001")
    /// `54011`.
    public static let tooManyColumns = SQLState("54011")
    /// `54023`.
    public static let tooManyArguments = SQLState("54023")

    // MARK: Class 55 - Object Not In Prerequisite State

    /// `55000`.
    public static let objectNotInPrerequisiteState = SQLState("55000")
    /// `55006`.
    public static let objectInUse = SQLState("55006")
    /// `55P02`.
    public static let cantChangeRuntimeParam = SQLState("55P02")
    /// `55P03`.
    public static let lockNotAvailable = SQLState("55P03")
    /// `55P04`.
    public static let unsafeNewEnumValueUsage = SQLState("55P04")

    // MARK: Class 57 - Operator Intervention

    /// `57000`.
    public static let operatorIntervention = SQLState("57000")
    /// `57014`.
    public static let queryCanceled = SQLState("57014")
    /// `57P01`.
    public static let adminShutdown = SQLState("57P01")
    /// `57P02`.
    public static let crashShutdown = SQLState("57P02")
    /// `57P03`.
    public static let cannotConnectNow = SQLState("57P03")
    /// `57P04`.
    public static let databaseDropped = SQLState("57P04")
    /// `57P05`.
    public static let idleSessionTimeout = SQLState("57P05")

    // MARK: Class 58 - System Error (errors external to PostgreSQL itself)

    /// `58000`.
    public static let systemError = SQLState("58000")
    /// `58030`.
    public static let ioError = SQLState("58030")
    /// `58P01`.
    public static let undefinedFile = SQLState("58P01")
    /// `58P02`.
    public static let duplicateFile = SQLState("58P02")

    // MARK: Class 72 - Snapshot Failure

    /// `72000`.
    public static let snapshotTooOld = SQLState("72000")

    // MARK: Class F0 - Configuration File Error

    /// `F0000`.
    public static let configFileError = SQLState("F0000")
    /// `F0001`.
    public static let lockFileExists = SQLState("F0001")

    // MARK: Class HV - Foreign Data Wrapper Error (SQL/MED)

    /// `HV000`.
    public static let fdwError = SQLState("HV000")
    /// `HV005`.
    public static let fdwColumnNameNotFound = SQLState("HV005")
    /// `HV002`.
    public static let fdwDynamicParameterValueNeeded = SQLState("HV002")
    /// `HV010`.
    public static let fdwFunctionSequenceError = SQLState("HV010")
    /// `HV021`.
    public static let fdwInconsistentDescriptorInformation = SQLState("HV021")
    /// `HV024`.
    public static let fdwInvalidAttributeValue = SQLState("HV024")
    /// `HV007`.
    public static let fdwInvalidColumnName = SQLState("HV007")
    /// `HV008`.
    public static let fdwInvalidColumnNumber = SQLState("HV008")
    /// `HV004`.
    public static let fdwInvalidDataType = SQLState("HV004")
    /// `HV006`.
    public static let fdwInvalidDataTypeDescriptors = SQLState("HV006")
    /// `HV091`.
    public static let fdwInvalidDescriptorFieldIdentifier = SQLState("HV091")
    /// `HV00B`.
    public static let fdwInvalidHandle = SQLState("HV00B")
    /// `HV00C`.
    public static let fdwInvalidOptionIndex = SQLState("HV00C")
    /// `HV00D`.
    public static let fdwInvalidOptionName = SQLState("HV00D")
    /// `HV090`.
    public static let fdwInvalidStringLengthOrBufferLength = SQLState("HV090")
    /// `HV00A`.
    public static let fdwInvalidStringFormat = SQLState("HV00A")
    /// `HV009`.
    public static let fdwInvalidUseOfNullPointer = SQLState("HV009")
    /// `HV014`.
    public static let fdwTooManyHandles = SQLState("HV014")
    /// `HV001`.
    public static let fdwOutOfMemory = SQLState("HV001")
    /// `HV00P`.
    public static let fdwNoSchemas = SQLState("HV00P")
    /// `HV00J`.
    public static let fdwOptionNameNotFound = SQLState("HV00J")
    /// `HV00K`.
    public static let fdwReplyHandle = SQLState("HV00K")
    /// `HV00Q`.
    public static let fdwSchemaNotFound = SQLState("HV00Q")
    /// `HV00R`.
    public static let fdwTableNotFound = SQLState("HV00R")
    /// `HV00L`.
    public static let fdwUnableToCreateExecution = SQLState("HV00L")
    /// `HV00M`.
    public static let fdwUnableToCreateReply = SQLState("HV00M")
    /// `HV00N`.
    public static let fdwUnableToEstablishConnection = SQLState("HV00N")

    // MARK: Class P0 - PL/pgSQL Error

    /// `P0000`.
    public static let plpgsqlError = SQLState("P0000")
    /// `P0001`.
    public static let raiseException = SQLState("P0001")
    /// `P0002`.
    public static let noDataFound = SQLState("P0002")
    /// `P0003`.
    public static let tooManyRows = SQLState("P0003")
    /// `P0004`.
    public static let assertFailure = SQLState("P0004")

    // MARK: Class XX - Internal Error

    /// `XX000`.
    public static let internalError = SQLState("XX000")
    /// `XX001`.
    public static let dataCorrupted = SQLState("XX001")
    /// `XX002`.
    public static let indexCorrupted = SQLState("XX002")
}
