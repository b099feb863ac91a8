package convert

import (
	"github.com/tidwall/gjson"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/spanid/semconv"
)

var (
	s3Names = []field{
		{"Bucket", semconv.S3Bucket, nil},
		{"Key", semconv.S3Key, nil},
		{"CopySource", semconv.S3Copied, nil},
		{"VersionId", semconv.S3VersionID, nil},
	}
	s3Results = []field{{"ETag", semconv.S3ETag, asETag}, {"VersionId", semconv.S3VersionID, nil}}
)

// storage are databases, object stores and what keeps settings.
var storage = map[string]*service{
	"dynamodb": {
		rpc: "DynamoDB", constants: []attribute.KeyValue{attribute.String(semconv.DBSystem, "aws.dynamodb")},
		sent: []field{
			{"TableName", semconv.DynamoDBTables, asTables},
			{"RequestItems", semconv.DynamoDBTables, asTablesOfKeys},
			{"TransactItems.#.*.TableName", semconv.DynamoDBTables, asTables},
		},
		received: []field{
			{"Count", semconv.DynamoDBCount, asNumber}, {"ScannedCount", semconv.DynamoDBScanned, asNumber},
		},
	},
	"s3":             {rpc: "S3", sent: s3Names, received: s3Results},
	"rdsdata":        {rpc: "RDS Data", sent: []field{{"database", semconv.DBNamespace, nil}}},
	"secretsmanager": {rpc: "Secrets Manager", sent: []field{{"SecretId", semconv.SecretARN, asARNOnly}}},
	"kms":            {rpc: "KMS", sent: []field{{"KeyId", semconv.KMSKey, nil}}},
	"ssm": {
		rpc:      "SSM",
		sent:     []field{{"Name", semconv.Parameter, nil}, {"DocumentName", semconv.Parameter, nil}},
		received: []field{{"AutomationExecutionId", semconv.JobID, nil}, {"Command.CommandId", semconv.JobID, nil}},
	},
	"cloudformation": {rpc: "CloudFormation", sent: []field{{"StackName", semconv.StackName, nil}}},
}

// asTables is one table or several.
func asTables(c *call, key string, v gjson.Result) {
	if v.Type == gjson.String && v.Str != "" {
		c.node.put(attribute.StringSlice(key, appendNew(nil, v.Str)))
	} else if v.IsArray() {
		asTexts(c, key, v)
	}
}

// asTablesOfKeys are the tables of a batch, which are the names of an object's members.
func asTablesOfKeys(c *call, key string, v gjson.Result) {
	if !v.IsObject() {
		return
	}
	var tables []string
	v.ForEach(func(table, _ gjson.Result) bool {
		tables = appendNew(tables, table.Str)
		return len(tables) < mostNames
	})
	if len(tables) > 0 {
		c.node.put(attribute.StringSlice(key, tables))
	}
}
