package syscalls

const ipcNowait = 0x800 // IPC_NOWAIT

// ipcRows are System V IPC (its shared memory is among memoryRows) and POSIX
// message queues.
var ipcRows = []Row{
	data(29, "shmget"),
	many(31, "shmctl", Unmodelled, 1, shmctlCommands),
	data(64, "semget"),
	sleeps(65, "semop"),
	many(66, "semctl", Unmodelled, 2, semctlCommands),
	data(68, "msgget"),
	sleeps(69, "msgsnd").unless(3, ipcNowait),
	// struct msgbuf: the type, 8 bytes, stands before the text that the
	// result counts.
	sleeps(70, "msgrcv", fixed(1, 8), result(1, 2).at(8)).unless(4, ipcNowait),
	many(71, "msgctl", Unmodelled, 1, msgctlCommands),
	sleeps(220, "semtimedop"),
	data(240, "mq_open"),
	data(241, "mq_unlink"),
	sleeps(242, "mq_timedsend"),
	sleeps(243, "mq_timedreceive", result(1, 2), fixed(3, 4)),
	data(244, "mq_notify"),
	data(245, "mq_getsetattr", fixed(2, 64)),
}

var shmctlCommands = []Command{
	cmd(0, "IPC_RMID"),
	cmd(1, "IPC_SET"),
	cmd(2, "IPC_STAT", fixed(2, 112)),
	cmd(3, "IPC_INFO", fixed(2, 72)),
	cmd(11, "SHM_LOCK"),
	cmd(12, "SHM_UNLOCK"),
	cmd(13, "SHM_STAT", fixed(2, 112)),
	cmd(14, "SHM_INFO", fixed(2, 48)),
	cmd(15, "SHM_STAT_ANY", fixed(2, 112)),
}

var semctlCommands = []Command{
	cmd(0, "IPC_RMID"),
	cmd(1, "IPC_SET"),
	cmd(2, "IPC_STAT", fixed(3, 104)),
	cmd(3, "IPC_INFO", fixed(3, 40)),
	cmd(11, "GETPID"),
	cmd(12, "GETVAL"),
	cmdAs(13, "GETALL", Unmodelled).note("the length is the set's number of semaphores"),
	cmd(14, "GETNCNT"),
	cmd(15, "GETZCNT"),
	cmd(16, "SETVAL"),
	cmd(17, "SETALL"),
	cmd(18, "SEM_STAT", fixed(3, 104)),
	cmd(19, "SEM_INFO", fixed(3, 40)),
	cmd(20, "SEM_STAT_ANY", fixed(3, 104)),
}

var msgctlCommands = []Command{
	cmd(0, "IPC_RMID"),
	cmd(1, "IPC_SET"),
	cmd(2, "IPC_STAT", fixed(2, 120)),
	cmd(3, "IPC_INFO", fixed(2, 32)),
	cmd(11, "MSG_STAT", fixed(2, 120)),
	cmd(12, "MSG_INFO", fixed(2, 32)),
	cmd(13, "MSG_STAT_ANY", fixed(2, 120)),
}
