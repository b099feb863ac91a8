package stepfunctions

// Why a recorded history cannot come out here.
const (
	placeholder = "the recording has a placeholder where the input had what the failure or the result is about"
	otherAsl    = "the definition beside the recording is a later one, with an error and a cause"

	beforeRedrive = "when it was recorded, executions could not be redriven, and descriptions did not tell of it"
	sqsXML        = "when it was recorded, SQS answered with XML, and without a Connection header"
	noSuchHost    = "the queue's URL had a host that did not exist; here the queues are all at one"
)

// knownDifferences are the recordings whose history comes out otherwise here, each with the reason.
var knownDifferences = map[string]string{
	"base_scenarios_map_state_break_condition__7da80b6":         otherAsl,
	"math_operations_math_random_exec_hist_resp_0":              placeholder,
	"math_operations_math_random_exec_hist_resp_1":              placeholder,
	"math_operations_math_random_exec_hist_resp_2":              placeholder,
	"math_operations_math_random_seeded_exec_hist_resp":         placeholder,
	"unique_id_generation_uuid_exec_hist_resp":                  placeholder,
	"activities_activity_task_on_deleted":                       "the recorder gave the activity two names",
	"callback_start_execution_sync":                             beforeRedrive,
	"callback_start_execution_sync_delegate_failure":            beforeRedrive,
	"sfn_scenarios_wait_for_callback_failure_execution_history": sqsXML,
	"sfn_scenarios_wait_for_callback_success_execution_history": sqsXML,
	"task_service_sqs_send_message_no_such_queue":               noSuchHost,
	"task_service_sqs_send_message_no_such_queue_no_catch":      noSuchHost,
	"wait_wait_timestamppath":                                   placeholder,
	"wait_wait_timestamppath_000000":                            placeholder,
}

// chance are recordings that come out one way or the other.
var chance = map[string]string{
	// TestMapFailureClosesTheOtherIterations has the same events without the race.
	"timeouts_service_lambda_map_timeout": "four tasks time out at the same moment; which of them still says so is chance",
}

// replaced are placeholders in recorded inputs and outputs, and the values that they stand for.
var replaced = map[string]map[string]string{
	"aws_sdk_task_service_sfn_start_execution_implicit_json_serialisation": {
		"statemachine_06323817": "statemachine_7329ee01", // which was started
	},
	"base_callbacks_sfn_start_execution_sync_SFN_SYNC":   {"d7e1f01e-f379-48da-9e3f-169d5934396f": "TestStartTarget"},
	"base_callbacks_sfn_start_execution_sync_SFN_SYNC2":  {"34a641e6-8ca3-417c-ae06-d06fcedeb464": "TestStartTarget"},
	"base_scenarios_wait_timestamp_jsonata_INVALID_DATE": {"2024-12-27T09:58:00Z": "2016-13-05T21:29:29Z"},
	"base_scenarios_wait_timestamp_jsonata_INVALID_ISO":  {"2024-12-27T09:58:32Z": "05-12-2016T21:29:29Z"},
	"base_scenarios_wait_timestamp_jsonata_INVALID_TIME": {"2024-12-27T09:58:18Z": "2016-12-05T25:29:29Z"},
	"base_scenarios_wait_timestamp_jsonata_NO_T":         {"2024-12-27T09:57:26Z": "2016-12-05 21:29:29Z"},
	"base_scenarios_wait_timestamp_jsonata_NO_Z":         {"2024-12-27T09:57:42Z": "2016-12-05T21:29:29"},
}
