/* SPDX-License-Identifier: MIT */
/* ELF64: elf(5), the System V ABI and its x86-64 supplement; core files: core(5). */
#ifndef UAPI_ELF_H
#define UAPI_ELF_H

#include <jiffy/types.h>
#include <uapi/auxvec.h>

typedef u64 Elf64_Addr, Elf64_Off, Elf64_Xword;
typedef s64 Elf64_Sxword;
typedef u32 Elf64_Word;
typedef u16 Elf64_Half;

#define EI_NIDENT     16
#define ELFMAG	      "\177ELF"
#define SELFMAG	      4
#define EI_CLASS      4
#define EI_DATA	      5
#define EI_VERSION    6
#define EI_OSABI      7
#define ELFCLASS32    1
#define ELFCLASS64    2
#define ELFDATA2LSB   1
#define EV_CURRENT    1
#define ELFOSABI_NONE 0

#define ET_NONE	   0
#define ET_REL	   1
#define ET_EXEC	   2
#define ET_DYN	   3
#define ET_CORE	   4
#define EM_386	   3
#define EM_X86_64  62
#define EM_AARCH64 183

#define PT_NULL		0
#define PT_LOAD		1
#define PT_DYNAMIC	2
#define PT_INTERP	3
#define PT_NOTE		4
#define PT_SHLIB	5
#define PT_PHDR		6
#define PT_TLS		7
#define PT_GNU_EH_FRAME 0x6474e550
#define PT_GNU_STACK	0x6474e551
#define PT_GNU_RELRO	0x6474e552
#define PT_GNU_PROPERTY 0x6474e553
#define PF_X		1
#define PF_W		2
#define PF_R		4
#define PN_XNUM		0xffff

#define SHT_NULL 0

typedef struct elf64_hdr {
	u8 e_ident[EI_NIDENT];
	Elf64_Half e_type, e_machine;
	Elf64_Word e_version;
	Elf64_Addr e_entry;
	Elf64_Off e_phoff, e_shoff;
	Elf64_Word e_flags;
	Elf64_Half e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx;
} Elf64_Ehdr;

typedef struct elf64_phdr {
	Elf64_Word p_type, p_flags;
	Elf64_Off p_offset;
	Elf64_Addr p_vaddr, p_paddr;
	Elf64_Xword p_filesz, p_memsz, p_align;
} Elf64_Phdr;

typedef struct elf64_shdr {
	Elf64_Word sh_name, sh_type;
	Elf64_Xword sh_flags;
	Elf64_Addr sh_addr;
	Elf64_Off sh_offset;
	Elf64_Xword sh_size;
	Elf64_Word sh_link, sh_info;
	Elf64_Xword sh_addralign, sh_entsize;
} Elf64_Shdr;

typedef struct elf64_note {
	Elf64_Word n_namesz, n_descsz, n_type;
} Elf64_Nhdr;

#define NT_PRSTATUS   1
#define NT_PRFPREG    2
#define NT_PRPSINFO   3
#define NT_TASKSTRUCT 4
#define NT_AUXV	      6
#define NT_SIGINFO    0x53494749
#define NT_FILE	      0x46494c45
#define NT_X86_XSTATE 0x202

_Static_assert(sizeof(Elf64_Ehdr) == 64 && sizeof(Elf64_Phdr) == 56, "ELF64 sizes");

#endif
