package dynamodb

import (
	"encoding/json"
	"net/http"
)

// replaced is the item that a PutItem with ReturnValues ALL_OLD is about to replace, nil when none was asked for or
// there. The library answers with the new item in its place.
func (s *Service) replaced(r *http.Request, operation string, in []byte) (json.RawMessage, error) {
	var request struct {
		TableName    string
		Item         map[string]json.RawMessage
		ReturnValues string
	}
	_ = json.Unmarshal(in, &request) // the library refuses what is not of this shape
	known := s.tables[request.TableName]
	if operation != "PutItem" || request.ReturnValues != "ALL_OLD" || known == nil {
		return nil, nil
	}
	key := map[string]json.RawMessage{}
	for _, name := range known.keys {
		key[name] = request.Item[name]
	}
	get, err := json.Marshal(map[string]any{"TableName": request.TableName, "Key": key, "ConsistentRead": true})
	if err != nil {
		return nil, err
	}
	read := r.Clone(r.Context())
	read.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
	status, out, err := s.ask(read, get)
	if err != nil || status != http.StatusOK {
		return nil, err // a key that is refused here is refused to PutItem too
	}
	var answer struct{ Item json.RawMessage }
	err = json.Unmarshal(out, &answer)
	return answer.Item, err
}

// withReplaced puts the replaced item into a PutItem's answer.
func withReplaced(operation string, old json.RawMessage, out []byte) ([]byte, error) {
	if operation != "PutItem" {
		return out, nil
	}
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(out, &answer); err != nil {
		return nil, err
	}
	delete(answer, "Attributes")
	if len(old) > 0 && string(old) != "null" {
		answer["Attributes"] = old
	}
	return json.Marshal(answer)
}
