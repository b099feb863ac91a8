package convert

import "github.com/steptrace/steptrace/spanid/semconv"

// analytics are jobs and queries on data.
var analytics = map[string]*service{
	"glue": {
		rpc: "Glue",
		sent: []field{
			{"JobName", semconv.JobName, nil},
			{"DatabaseName", semconv.DBNamespace, nil},
			{"CrawlerName", semconv.JobName, nil},
		},
		received: []field{{"JobRunId", semconv.JobID, nil}, {"JobName", semconv.JobName, nil}, {"Id", semconv.JobID, nil}},
	},
	"databrew": {
		rpc: "DataBrew", sent: []field{{"Name", semconv.JobName, nil}}, received: []field{{"RunId", semconv.JobID, nil}},
	},
	"athena": {
		rpc: "Athena",
		sent: []field{
			{"WorkGroup", semconv.WorkGroup, nil},
			{"QueryExecutionContext.Database", semconv.DBNamespace, nil},
			{"QueryExecutionId", semconv.JobID, nil},
		},
		received: []field{
			{"QueryExecutionId", semconv.JobID, nil},
			{"QueryExecution.QueryExecutionId", semconv.JobID, nil},
			{"QueryExecution.WorkGroup", semconv.WorkGroup, nil},
		},
	},
	"redshiftdata": {
		rpc: "Redshift Data",
		sent: []field{
			{"Database", semconv.DBNamespace, nil},
			{"ClusterIdentifier", semconv.ClusterID, nil},
			{"WorkgroupName", semconv.WorkGroup, nil},
			{"Id", semconv.JobID, nil},
		},
		received: []field{{"Id", semconv.JobID, nil}},
	},
	"elasticmapreduce": emr, "emr": emr,
	"emr-containers": emrContainers, "emrcontainers": emrContainers,
	"emr-serverless": emrServerless, "emrserverless": emrServerless,
}

var emr = &service{
	rpc: "EMR",
	sent: []field{
		{"ClusterId", semconv.ClusterID, nil},
		{"Name", semconv.JobName, nil},
		{"Step.Name", semconv.JobName, nil},
		{"StepId", semconv.JobID, nil},
	},
	received: []field{
		{"ClusterId", semconv.ClusterID, nil},
		{"Cluster.Id", semconv.ClusterID, nil},
		{"StepId", semconv.JobID, nil},
		{"Step.Id", semconv.JobID, nil},
	},
}

var emrContainers = &service{
	rpc:      "EMR containers",
	sent:     []field{{"VirtualClusterId", semconv.ClusterID, nil}, {"Name", semconv.JobName, nil}},
	received: []field{{"VirtualClusterId", semconv.ClusterID, nil}, {"Id", semconv.JobID, nil}},
}

var emrServerless = &service{
	rpc: "EMR Serverless",
	sent: []field{
		{"ApplicationId", semconv.ClusterID, nil}, {"Name", semconv.JobName, nil}, {"JobRunId", semconv.JobID, nil},
	},
	received: []field{
		{"ApplicationId", semconv.ClusterID, nil}, {"JobRunId", semconv.JobID, nil}, {"JobRun.JobRunId", semconv.JobID, nil},
	},
}
