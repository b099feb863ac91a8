package stepfunctions

import (
	"maps"
	"slices"
)

// The objects that ItemReaders of recordings read. What was in them is known from the items that came out.
const (
	fourRows = "Col1,Col2\nValue1,Value2\nValue3,Value4\nValue5,Value6\nValue7,Value8\n"
	oddRows  = "Value4,Value5,Value6\n,,,\ntrue,1,'HelloWorld'\nNull,None,\n   \n"
	oneList  = `[["from-bucket-item-0"]]`
	verdicts = `[{"verdict":"true","statement_date":"6/11/2008","statement_source":"speech"},
		{"verdict":"false","statement_date":"6/7/2022","statement_source":"television"},
		{"verdict":"mostly-true","statement_date":"5/18/2016","statement_source":"news"}]`
)

var recordedObjects = map[string]string{
	"base_scenarios_map_item_batching_base_json_max_per_batch_jsonata":                           verdicts,
	"base_scenarios_map_item_reader_base_csv_headers_decl":                                       "Value1,Value2,Value3\n" + oddRows,
	"base_scenarios_map_item_reader_base_json":                                                   verdicts,
	"base_scenarios_map_item_reader_base_json_with_items_path_INVALID_ITEMS_PATH":                oneList,
	"base_scenarios_map_item_reader_base_json_with_items_path_VALID_ITEMS_PATH_FROM_PREVIOUS":    oneList,
	"base_scenarios_map_item_reader_csv_first_row_extra_fields":                                  "H1,\n" + oddRows,
	"base_scenarios_map_item_reader_csv_headers_first_row_typed_headers":                         "0,True,{}\n" + oddRows,
	"base_scenarios_map_item_reader_csv_max_items_0":                                             fourRows,
	"base_scenarios_map_item_reader_csv_max_items_100000000":                                     fourRows,
	"base_scenarios_map_item_reader_csv_max_items_2":                                             fourRows,
	"base_scenarios_map_item_reader_csv_max_items_paths_0":                                       fourRows,
	"base_scenarios_map_item_reader_csv_max_items_paths_1":                                       fourRows,
	"base_scenarios_map_item_reader_csv_max_items_paths_100000000":                               fourRows,
	"base_scenarios_map_item_reader_csv_max_items_paths_100000001":                               fourRows,
	"base_scenarios_map_item_reader_csv_max_items_paths_1_5":                                     fourRows,
	"base_scenarios_map_item_reader_csv_max_items_paths_2":                                       fourRows,
	"base_scenarios_map_item_reader_json_no_json_list_object":                                    `{"Hello": "world"}`,
	"base_scenarios_map_item_reader_base_json_with_items_path_VALID_ITEMS_PATH_FROM_ITEM_READER": oneList,
}

// currentLinks is a history in which the MapStateExited of a distributed map points to MapRunStarted, as it does since
// November 2024, and not to MapRunSucceeded, as it did before.
func currentLinks(events []map[string]any) []map[string]any {
	out := slices.Clone(events)
	for n, e := range out {
		if e["type"] != "MapStateExited" {
			continue
		}
		previous := out[eventNumber(e, "previousEventId")-1]
		if previous["type"] == "MapRunSucceeded" {
			out[n] = maps.Clone(e)
			out[n]["previousEventId"] = previous["previousEventId"]
		}
	}
	return out
}
