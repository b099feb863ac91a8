package dynamodb

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// table is what the library forgets of a CreateTable and a TableDescription needs.
type table struct {
	id         string
	created    time.Time
	attributes json.RawMessage
	billing    string
	throughput json.RawMessage
	keys       []string // names of the primary key's attributes
}

func tableName(in []byte) string {
	var request struct{ TableName string }
	_ = json.Unmarshal(in, &request) // a request that is not of this shape was refused before
	return request.TableName
}

func (s *Service) listTables(in []byte) ([]byte, error) {
	var request struct {
		ExclusiveStartTableName string
		Limit                   int
	}
	if err := json.Unmarshal(in, &request); err != nil {
		return nil, awswire.Errorf("SerializationException", "%v", err)
	}
	names := slices.Sorted(maps.Keys(s.tables))
	i, found := slices.BinarySearch(names, request.ExclusiveStartTableName)
	if found {
		i++
	}
	out := struct {
		TableNames             []string
		LastEvaluatedTableName string `json:",omitempty"`
	}{TableNames: names[i:]}
	limit := min(max(request.Limit, 0), 100)
	if limit == 0 {
		limit = 100
	}
	if len(out.TableNames) > limit {
		out.TableNames = out.TableNames[:limit]
		out.LastEvaluatedTableName = out.TableNames[limit-1]
	}
	if out.TableNames == nil {
		out.TableNames = []string{}
	}
	return json.Marshal(out)
}

// describe follows the table operations and completes the descriptions in their answers.
func (s *Service) describe(operation string, in, out []byte) ([]byte, error) {
	member, status := "TableDescription", "ACTIVE"
	name := tableName(in)
	switch operation {
	case "CreateTable":
		s.tables[name] = s.newTable(in)
	case "DescribeTable":
		member = "Table"
	case "DeleteTable":
		defer delete(s.tables, name)
		status = "DELETING"
	case "UpdateTable":
	default:
		return out, nil
	}
	return s.complete(s.tables[name], name, member, status, out)
}

func (s *Service) newTable(in []byte) *table {
	var request struct {
		AttributeDefinitions  json.RawMessage
		BillingMode           string
		ProvisionedThroughput json.RawMessage
		KeySchema             []struct{ AttributeName string }
	}
	_ = json.Unmarshal(in, &request) // the library has taken the request
	created := &table{
		id: uuid.NewString(), created: s.config.Clock.Now(), attributes: request.AttributeDefinitions,
		billing: request.BillingMode, throughput: request.ProvisionedThroughput,
	}
	for _, key := range request.KeySchema {
		created.keys = append(created.keys, key.AttributeName)
	}
	return created
}

func (s *Service) complete(t *table, name, member, status string, out []byte) ([]byte, error) {
	var answer map[string]map[string]any
	if err := json.Unmarshal(out, &answer); err != nil {
		return nil, err
	}
	description := withoutNulls(answer[member]).(map[string]any)
	description["TableStatus"] = status
	description["TableArn"] = "arn:aws:dynamodb:" + s.config.Region + ":" + s.config.AccountID + ":table/" + name
	description["TableSizeBytes"] = 0
	if t != nil {
		t.describe(description)
	}
	return json.Marshal(map[string]any{member: description})
}

func (t *table) describe(out map[string]any) {
	out["TableId"] = t.id
	out["CreationDateTime"] = float64(t.created.UnixMilli()) / 1000
	out["AttributeDefinitions"] = t.attributes
	if t.billing == "PAY_PER_REQUEST" {
		out["BillingModeSummary"] = map[string]string{"BillingMode": t.billing}
	}
	if t.throughput != nil {
		out["ProvisionedThroughput"] = t.throughput
	}
}

// withoutNulls drops the members that the library writes although they are not set.
func withoutNulls(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(value))
		for name, member := range value {
			if member != nil && member != "" {
				out[name] = withoutNulls(member)
			}
		}
		return out
	case []any:
		for i := range value {
			value[i] = withoutNulls(value[i])
		}
	}
	return value
}
